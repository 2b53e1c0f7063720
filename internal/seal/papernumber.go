package seal

import (
	"fmt"
	"math/big"
)

// PaperNumber shows the receipt as a form on paper carries it for those who type it in: its 27 digits and two that check them,
// as ISO 7064 MOD 97-10 has it: all 29, read as one number, leave 1 when divided by 97. No wrong digit and no two digits in each
// other's place go unseen, and of anything else one in 97. Words locked under a wrong number could be opened by nobody.
func (r Receipt) PaperNumber() string {
	n := new(big.Int).SetBytes(r[:])
	n.Mod(n.Mul(n, big.NewInt(100)), big.NewInt(97))
	return fmt.Sprintf("%s%02d", r.Digits(), 98-n.Int64())
}
