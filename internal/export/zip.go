package export

import (
	"archive/zip"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// Limits of what is read as a bundle.
const (
	maxFiles  = 400
	maxBundle = 256 << 20 // bytes
)

// writeZip writes files in their order, without compression, dates or anything of the machine that writes: the same files give
// the same bytes with every version of Go, and what is read holds as many bytes as it says.
func writeZip(w io.Writer, files []File) error {
	z := zip.NewWriter(w)
	for _, file := range files {
		if err := addStored(z, file); err != nil {
			return fmt.Errorf("write %s: %w", file.Path, err)
		}
	}
	return z.Close()
}

func addStored(z *zip.Writer, file File) error {
	to, err := z.CreateRaw(&zip.FileHeader{
		Name: file.Path, Method: zip.Store, CRC32: crc32.ChecksumIEEE(file.Content),
		CompressedSize64: uint64(len(file.Content)), UncompressedSize64: uint64(len(file.Content)),
		//lint:ignore SA1019 Modified writes a second, finer time beside it
		ModifiedDate: 1<<5 | 1, // 1 January 1980, the first day that a zip knows
	})
	if err == nil {
		_, err = to.Write(file.Content)
	}
	return err
}

// entry is a file of somebody's zip that was looked at from outside only.
type entry struct {
	*zip.File
}

// entriesOf looks at somebody's zip, and refuses one that is not written as ours are: bombs, paths that lead elsewhere, doubled
// names and links are all among those. Errors wrap ErrBundle.
func entriesOf(r io.ReaderAt, size int64, most int64) ([]entry, error) {
	z, err := zip.NewReader(r, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, fmt.Errorf("%w: it is not a whole zip file, or its list of files was changed", ErrBundle)
	}
	var entries []entry
	sum, last := int64(0), ""
	for _, f := range z.File {
		sum += int64(min(f.UncompressedSize64, 1<<40))
		switch {
		case f.Method != zip.Store || f.CompressedSize64 != f.UncompressedSize64:
			return nil, fmt.Errorf("%w: %.80q in it is packed, and files of a bundle are not", ErrBundle, f.Name)
		case !goodPath(f.Name) || f.Name <= last:
			return nil, fmt.Errorf("%w: %.80q in it has no proper name, or not its place", ErrBundle, f.Name)
		case sum > most:
			return nil, fmt.Errorf("%w: it holds more than %d MiB", ErrBundle, most>>20)
		}
		last = f.Name
		entries = append(entries, entry{f})
	}
	return entries, nil
}

// read gives an entry's bytes, whatever its checksum says.
func (e entry) read() ([]byte, error) {
	in, err := e.OpenRaw()
	if err != nil {
		return nil, fmt.Errorf("%w: %s in it cannot be found where it should be", ErrBundle, e.Name)
	}
	content, err := io.ReadAll(io.LimitReader(in, int64(e.CompressedSize64)))
	if err != nil || uint64(len(content)) != e.CompressedSize64 {
		return nil, fmt.Errorf("%w: %s in it ends too early", ErrBundle, e.Name)
	}
	return content, nil
}

// readZip reads all files of a bundle, and names those whose checksum does not hold. Errors wrap ErrBundle.
func readZip(r io.ReaderAt, size int64) (files []File, damaged []string, err error) {
	entries, err := entriesOf(r, size, maxBundle)
	if err != nil {
		return nil, nil, err
	}
	if len(entries) == 0 || len(entries) > maxFiles {
		return nil, nil, fmt.Errorf("%w: it has %d files", ErrBundle, len(entries))
	}
	for _, e := range entries {
		content, err := e.read()
		if err != nil {
			return nil, nil, err
		}
		files = append(files, File{e.Name, content})
		if crc32.ChecksumIEEE(content) != e.CRC32 {
			damaged = append(damaged, e.Name)
		}
	}
	return files, damaged, nil
}

// sameZip says where a zip is not written as ours are; "" when every byte is.
func sameZip(r io.ReaderAt, size int64, files []File) string {
	c := &comparer{r: r}
	if err := writeZip(c, files); err == nil && c.at == size {
		return ""
	}
	at := int64(0)
	for _, frame := range []int{30, 46} { // the record before each file's bytes, then that in the list at the end
		for _, f := range files {
			at += int64(frame + len(f.Path))
			if frame == 30 {
				at += int64(len(f.Content))
			}
			if c.at < at {
				return "the zip's own record of " + f.Path
			}
		}
	}
	return "the end of the zip"
}

// comparer compares what is written with what stands in a file, up to the first byte that is another.
type comparer struct {
	r  io.ReaderAt
	at int64 // how far they are the same
}

var errDiffers = errors.New("another byte")

// Write compares.
func (c *comparer) Write(p []byte) (int, error) {
	there := make([]byte, len(p))
	n, _ := c.r.ReadAt(there, c.at) // what is not there differs
	for i, b := range p {
		if i >= n || there[i] != b {
			c.at += int64(i)
			return i, errDiffers
		}
	}
	c.at += int64(len(p))
	return len(p), nil
}
