package seal

import (
	"crypto/rand"
	"errors"
)

// Shamir's secret sharing over GF(2^8), with the polynomial x^8 + x^4 + x^3 + x + 1. A share is laid out as HashiCorp
// Vault does: 32 values, then the one coordinate they belong to. ui/src/share.ts uses the npm library
// shamir-secret-sharing for the same, and the vectors bind the two.
//
// It is ours because the packages for it are whole servers, or use tables: how long a look-up takes tells, on a shared
// machine, which byte of a secret was looked up. Here neither branch nor index depends on a secret.

// secretSize is the length of an identity's seed, in bytes.
const secretSize = 32

// maxShares keeps coordinates distinct and off zero, where the secret itself lies.
const maxShares = 255

var errShares = errors.New("these shares do not fit together")

// split parts secret into n shares, of which any k give it back and fewer tell nothing. 2 <= k <= n <= maxShares.
func split(secret *[secretSize]byte, n, k int) ([]Share, error) {
	if k < 2 || k > n || n > maxShares {
		return nil, errShares
	}
	shares := make([]Share, n)
	coefficients := make([]byte, k-1) // from the highest down to that of x; the secret's byte is the constant one
	defer clear(coefficients)
	for i, constant := range secret {
		rand.Read(coefficients)
		for j := range shares {
			x := byte(j + 1)
			y := byte(0)
			for _, c := range coefficients {
				y = multiply(y^c, x)
			}
			shares[j][i], shares[j][secretSize] = y^constant, x
		}
	}
	return shares, nil
}

// combine interpolates the secret at zero. Shares that do not belong together give bytes that mean nothing: the caller
// compares. It fails on coordinates that are zero or doubled, for which nothing can be worked out.
func combine(shares []Share) (secret [secretSize]byte, err error) {
	for j := range shares {
		weight := byte(1) // of share j: the product of x_m / (x_m - x_j) over the others
		for m := range shares {
			if m == j {
				continue
			}
			difference := shares[m][secretSize] ^ shares[j][secretSize]
			if difference == 0 {
				return [secretSize]byte{}, errShares
			}
			weight = multiply(weight, multiply(shares[m][secretSize], invert(difference)))
		}
		if shares[j][secretSize] == 0 {
			return [secretSize]byte{}, errShares
		}
		for i := range secret {
			secret[i] ^= multiply(shares[j][i], weight)
		}
	}
	return secret, nil
}

// multiply is the product in GF(2^8), bit by bit, in a time that depends on neither factor.
func multiply(a, b byte) (product byte) {
	for range 8 {
		product ^= a & -(b & 1)
		a = a<<1 ^ 0x1b&-(a>>7)
		b >>= 1
	}
	return product
}

// invert is a^254, which is 1/a for all but zero.
func invert(a byte) byte {
	power, result := a, byte(1)
	for range 7 { // 254 = 2 + 4 + 8 + 16 + 32 + 64 + 128
		power = multiply(power, power)
		result = multiply(result, power)
	}
	return result
}
