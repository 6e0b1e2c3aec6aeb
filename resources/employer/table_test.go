package employer

import "testing"

// Whatever is sent as a table is read or refused.
func FuzzTable(f *testing.F) {
	for _, seed := range []string{"national_id,income\na,1\n", "\xef\xbb\xbfinsurance_number;plan\n1;FS-A\n", "national_id\n\"a\nb\"\n", ",", "", "national_id\r\na\r\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		rows, err := readTable(data)
		if err == nil && len(rows) == 0 {
			t.Error("nothing was read and nothing refused")
		}
		for _, r := range rows {
			if r.number < 2 || len(r.cells) == 0 {
				t.Errorf("row %d has %d cells", r.number, len(r.cells))
			}
		}
	})
}
