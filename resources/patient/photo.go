package patient

import (
	"context"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"bima/fhir"
	"bima/fhir/parameters"
	"bima/fhir/r4"
	"bima/profiles"
	"bima/resources/patient/picture"
)

// detailPhoto tells what is wrong with a photo.
const detailPhoto fhir.Detail = "photo"

const (
	photoBytesMax       = 2 << 20
	photoInlineBytesMax = 32 << 10
	// photosMax is how many photos of a person are looked at.
	photosMax = 8
	// The titles by which a photo and its thumbnail are told apart.
	titleFull, titleThumbnail = "Photo", "Thumbnail"
)

func or(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return n
}

// checkPhotos holds photos against what the scheme takes.
func (s Settings) checkPhotos(patient fhir.Node) error {
	i := -1
	for photo := range patient.Get("photo").Each() {
		i++
		at := fmt.Sprintf("Patient.photo[%d]", i)
		if i >= photosMax {
			return fhir.Detailf(fhir.IssueBusinessRule, detailPhoto, at, "a person has at most %d photos", photosMax)
		}
		if !photo.Get("data").Exists() {
			continue
		}
		if _, err := s.photo(photo, at); err != nil {
			return err
		}
	}
	return nil
}

// photo unpacks the data of an Attachment.
func (s Settings) photo(attachment fhir.Node, at string) ([]byte, error) {
	text, most := attachment.Get("data").Text(), or(s.PhotoBytesMax, photoBytesMax)
	refuse := func(format string, args ...any) error {
		return fhir.Detailf(fhir.IssueBusinessRule, detailPhoto, at+".data", format, args...)
	}
	if len(text)/4*3 > most+base64.StdEncoding.DecodedLen(4) {
		return nil, refuse("the photo has some %d KiB, and at most %d are taken; make it smaller", len(text)/4*3>>10, most>>10)
	}
	data, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		return nil, refuse("the photo is not base64")
	}
	typ, err := picture.Look(data)
	switch {
	case len(data) > most:
		return nil, refuse("the photo has %d KiB, and at most %d are taken; make it smaller", len(data)>>10, most>>10)
	case errors.Is(err, picture.ErrLarge):
		return nil, refuse("the photo can't be taken: %v; make it smaller", picture.ErrLarge)
	case err != nil && !kept(attachment.Get("contentType").Text()) || err != nil && len(data) > or(s.PhotoInlineBytesMax, photoInlineBytesMax):
		return nil, refuse("the photo can't be taken: %v", picture.ErrFormat)
	case err != nil:
		return data, nil
	}
	if said := attachment.Get("contentType").Text(); said != "" && said != typ && (said != "image/jpg" || typ != "image/jpeg") {
		return nil, fhir.Detailf(fhir.IssueBusinessRule, detailPhoto, at+".contentType", "the photo is %s, not %.60q", typ, said)
	}
	return data, nil
}

// kept reports whether a small photo of the type is kept as it is, though no
// thumbnail is made of it: other systems send GIFs.
func kept(contentType string) bool {
	return strings.HasPrefix(contentType, "image/") && contentType != "image/jpeg" && contentType != "image/jpg" && contentType != "image/png"
}

// keepPhotos puts large photos into Binaries of their own, and thumbnails in
// their place, so that reading a person stays quick.
func (s Settings) keepPhotos(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	for _, c := range changes {
		if c.After == nil {
			continue
		}
		for photo := range c.Node.Get("photo").Each() {
			if base64.StdEncoding.DecodedLen(len(photo.Get("data").Text())) > or(s.PhotoInlineBytesMax, photoInlineBytesMax) {
				if err := s.keep(tx, c.Key); err != nil {
					return err
				}
				break
			}
		}
	}
	return nil
}

// keep moves the first large photo of a person out of the Patient. The photo
// before it is replaced in its Binary, whose history keeps it.
func (s Settings) keep(tx fhir.Tx, person fhir.Key) error {
	patient, err := fhir.Tree(tx, person)
	if err != nil || !patient.Exists() {
		return err
	}
	i := -1
	for photo := range patient.Get("photo").Each() {
		i++
		if base64.StdEncoding.DecodedLen(len(photo.Get("data").Text())) <= or(s.PhotoInlineBytesMax, photoInlineBytesMax) {
			continue
		}
		at := fmt.Sprintf("Patient.photo[%d]", i)
		data, err := s.photo(photo, at)
		if err != nil {
			return err
		}
		small, err := picture.Thumbnail(data)
		if err != nil {
			return fhir.Detailf(fhir.IssueBusinessRule, detailPhoto, at+".data", "the photo is broken; take it again")
		}
		binary, err := store(tx, person, photo, data)
		if err != nil {
			return err
		}
		e := fhir.NewEdit(patient.Document())
		e.Set(patient, "photo", attachments(photo, binary, data, small, tx.Now()))
		_, err = tx.Update(&fhir.Resource{Key: person, Body: e.Bytes()}, 0)
		return err
	}
	return nil
}

// binaryID gives the id of the Binary that holds a person's photo. It tells
// nothing that the Patient's own id does not.
func binaryID(person fhir.Key) string {
	sum := sha1.Sum([]byte("photo of " + person.String()))
	return "photo-" + hex.EncodeToString(sum[:])
}

func store(tx fhir.Tx, person fhir.Key, photo fhir.Node, data []byte) (fhir.Key, error) {
	typ, err := picture.Look(data)
	if err != nil {
		return fhir.Key{}, err
	}
	k := fhir.Key{Type: "Binary", ID: binaryID(person)}
	body := fmt.Sprintf(`{"resourceType":"Binary","id":%q,"contentType":%q,"securityContext":{"reference":%q},"data":%q}`,
		k.ID, typ, person.String(), base64.StdEncoding.EncodeToString(data))
	_, err = tx.Update(&fhir.Resource{Key: k, Body: []byte(body)}, 0)
	return k, err
}

// attachments gives Patient.photo: the photo by its URL and hash, and its
// thumbnail.
func attachments(photo fhir.Node, binary fhir.Key, data, small []byte, now time.Time) []byte {
	creation := photo.Get("creation").Text()
	if creation == "" {
		creation = now.Format("2006-01-02T15:04:05Z")
	}
	typ, _ := picture.Look(data) // it was looked at before
	hash := func(data []byte) string {
		sum := sha1.Sum(data)
		return base64.StdEncoding.EncodeToString(sum[:])
	}
	return []byte(fmt.Sprintf(`[{"contentType":%q,"url":%q,"size":%d,"hash":%q,"title":%q,"creation":%q},{"contentType":"image/jpeg","data":%q,"size":%d,"hash":%q,"title":%q,"creation":%[6]q}]`,
		typ, binary.String(), len(data), hash(data), titleFull, creation,
		base64.StdEncoding.EncodeToString(small), len(small), hash(small), titleThumbnail))
}

func (s Settings) photoOperation() fhir.Operation {
	return fhir.Operation{
		Code: "photo", Types: []string{"Patient"}, Instance: true, Affects: true,
		Definition: profiles.Canonical + "/OperationDefinition/Patient-photo",
		Handle:     s.takePhoto, Look: lookAtPhoto,
	}
}

// takePhoto is POST Patient/id/$photo. What it sets is what a PUT of the Patient
// with the photo would.
func (s Settings) takePhoto(ctx context.Context, server fhir.Server, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	photo, err := photoIn(in)
	if err != nil {
		return nil, err
	}
	err = server.Commit(ctx, func(tx fhir.Tx) error {
		patient, err := fhir.Tree(tx, on)
		if err != nil {
			return err
		}
		if !patient.Exists() {
			return fhir.Errorf(fhir.IssueNotFound, "", "there is no %s", on)
		}
		e := fhir.NewEdit(patient.Document())
		e.Set(patient, "photo", slices.Concat([]byte{'['}, photo, []byte{']'}))
		_, err = tx.Update(&fhir.Resource{Key: on, Body: e.Bytes()}, 0)
		return err
	})
	if err != nil {
		return nil, err
	}
	answer := &fhir.Response{}
	err = server.View(ctx, func(r fhir.Reader) (err error) {
		answer.Resource, err = r.Read(on)
		return err
	})
	return answer, err
}

// photoIn gives the Attachment of what was posted, as JSON.
func photoIn(in *fhir.Resource) ([]byte, error) {
	missing := fhir.Errorf(fhir.IssueRequired, parameters.Expression("photo"), "send the photo: a Binary, or Parameters with an Attachment named photo")
	if in == nil {
		return nil, missing
	}
	doc, err := fhir.Parse(in.Body)
	if err != nil {
		return nil, err
	}
	if root := doc.Root(); root.Get("resourceType").Text() == "Binary" {
		if !root.Get("data").Exists() {
			return nil, missing
		}
		return slices.Concat([]byte(`{"contentType":`), root.Get("contentType").Raw(), []byte(`,"data":`), root.Get("data").Raw(), []byte{'}'}), nil
	}
	form, err := parameters.Of(in)
	if err != nil {
		return nil, err
	}
	if err := form.Only("photo"); err != nil {
		return nil, err
	}
	photo := form.Value("photo")
	if !photo.Get("data").Exists() {
		return nil, missing
	}
	return photo.Raw(), nil
}

// lookAtPhoto is GET Patient/id/$photo.
func lookAtPhoto(ctx context.Context, server fhir.Server, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	form, err := parameters.Of(in)
	if err != nil {
		return nil, err
	}
	size := form.Value("size").Text()
	if err := form.Only("size"); err != nil {
		return nil, err
	}
	if size != "" && size != "full" && size != "thumbnail" {
		return nil, fhir.Errorf(fhir.IssueValue, parameters.Expression("size"), "the size is full or thumbnail, not %.40q", size)
	}
	answer := &fhir.Response{}
	err = server.View(ctx, func(r fhir.Reader) error {
		patient, err := fhir.Tree(r, on)
		if err != nil {
			return err
		}
		var data string
		answer.MediaType, data, err = shown(r, patient, size == "thumbnail")
		if err != nil {
			return err
		}
		answer.Media, err = base64.StdEncoding.DecodeString(strings.Join(strings.Fields(data), ""))
		sum := sha1.Sum(answer.Media)
		answer.Tag = hex.EncodeToString(sum[:])
		return err
	})
	if err == nil && len(answer.Media) == 0 {
		err = fhir.Errorf(fhir.IssueNotFound, "Patient.photo", "there is no photo of %s; take one by POST", on)
	}
	if err != nil {
		return nil, err
	}
	return answer, nil
}

// shown gives the photo that is asked for, in base64: of one that has no
// thumbnail the photo itself.
func shown(r fhir.Reader, patient fhir.Node, thumbnail bool) (mediaType, data string, err error) {
	for photo := range patient.Get("photo").Each() {
		if text := photo.Get("data").Text(); text != "" {
			if data == "" || thumbnail && photo.Get("title").Text() == titleThumbnail {
				mediaType, data = photo.Get("contentType").Text(), text
			}
			continue
		}
		ref := fhir.ParseReference(photo.Get("url").Text(), r4.IsResource)
		if thumbnail || ref.Type != "Binary" {
			continue
		}
		binary, err := fhir.Tree(r, ref.Key)
		if err != nil || binary.Exists() {
			return binary.Get("contentType").Text(), binary.Get("data").Text(), err
		}
	}
	if mediaType == "" {
		mediaType = "image/jpeg"
	}
	return mediaType, data, nil
}
