package figures

// What the published examples test by itself.
var (
	InShift      = inShift
	InTrend      = inTrend
	InTwoInThree = inTwoInThree
)
