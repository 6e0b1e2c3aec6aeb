package picture

import (
	"bytes"
	"encoding/binary"
)

const (
	tagOrientation = 0x0112
	// entriesMax bounds the entries of an image directory that are looked at.
	entriesMax = 200
)

// orientation gives how the camera was held, 1 to 8, as a JPEG says in its EXIF
// segment; 1 where it says nothing. Source: EXIF 2.3, 4.6.4 (Orientation).
func orientation(data []byte) int {
	if len(data) < 4 || data[0] != 0xff || data[1] != 0xd8 {
		return 1
	}
	for at := 2; at+4 <= len(data) && data[at] == 0xff; {
		marker, size := data[at+1], int(binary.BigEndian.Uint16(data[at+2:]))
		if marker == 0xda || size < 2 || at+2+size > len(data) {
			break
		}
		segment := data[at+4 : at+2+size]
		if tiff, ok := bytes.CutPrefix(segment, []byte("Exif\x00\x00")); ok && marker == 0xe1 {
			return orientationIn(tiff)
		}
		at += 2 + size
	}
	return 1
}

// orientationIn reads the first image directory of a TIFF header.
func orientationIn(tiff []byte) int {
	if len(tiff) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.BigEndian
	if tiff[0] == 'I' {
		order = binary.LittleEndian
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 1
	}
	entries := min(int64(order.Uint16(tiff[at:])), entriesMax)
	for i := range entries {
		entry := at + 2 + 12*i
		if entry+12 > int64(len(tiff)) {
			break
		}
		if order.Uint16(tiff[entry:]) == tagOrientation {
			if v := int(order.Uint16(tiff[entry+8:])); v >= 1 && v <= 8 {
				return v
			}
		}
	}
	return 1
}
