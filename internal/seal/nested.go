package seal

import (
	"fmt"

	"filippo.io/age"
)

// SealIdentity seals an identity to one recipient, as the line of an identity file: `age -d` gives a file that `age -i`
// takes.
func SealIdentity(identity *age.HybridIdentity, recipient string) ([]byte, error) {
	file, err := encryptTo(recipient, []byte(identity.String()+"\n"))
	if err != nil {
		return nil, fmt.Errorf("seal identity: %w", err)
	}
	return file, nil
}

// OpenIdentity opens what SealIdentity made. Errors wrap ErrWrap.
func OpenIdentity(file []byte, mine age.Identity) (*age.HybridIdentity, error) {
	if len(file) > maxWrap {
		return nil, fmt.Errorf("%w: it has %d bytes", ErrWrap, len(file))
	}
	plain, err := decrypt(file, mine)
	if err != nil {
		return nil, fmt.Errorf("%w: it does not open with this identity", ErrWrap)
	}
	defer clear(plain)
	identity, err := parseIdentityLines(plain)
	if err != nil {
		return nil, fmt.Errorf("%w: it holds no identity", ErrWrap)
	}
	return identity, nil
}

// NestIdentity seals an identity so that two people open it one after the other with nothing but the public age command:
// first opens the outer file, and then the one within it, which holds the identity.
func NestIdentity(identity *age.HybridIdentity, first, then string) ([]byte, error) {
	inner, err := SealIdentity(identity, then)
	if err != nil {
		return nil, err
	}
	file, err := encryptTo(first, inner)
	if err != nil {
		return nil, fmt.Errorf("seal identity twice: %w", err)
	}
	return file, nil
}
