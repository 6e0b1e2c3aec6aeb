package learned

import "math"

// A matrix holds a row for each claim, with only the columns that are not 0.
type matrix struct {
	columns int
	rows    [][]entry
}

type entry struct {
	column int
	value  float64
}

const (
	// fitSteps bounds the steps of a fit; six to ten are usual.
	fitSteps = 50
	// fitEnough is the change of the loss per claim at which a fit is done.
	fitEnough = 1e-9
)

// fit finds the weights, the last of them the intercept, at which the sum of the
// log losses and half of l2 times the sum of the squared weights is least. The
// intercept is not held back. It is Newton's method with halved steps: the loss is
// convex, so that there is one answer and it is always the same.
func fit(x matrix, y []bool, l2 float64) []float64 {
	n := x.columns + 1
	w := make([]float64, n)
	last := loss(x, y, w, l2)
	for range fitSteps {
		step := newton(x, y, w, l2)
		next, size := math.Inf(1), 1.0
		tried := make([]float64, n)
		for range fitSteps {
			for i := range w {
				tried[i] = w[i] - size*step[i]
			}
			if next = loss(x, y, tried, l2); next <= last {
				break
			}
			size /= 2
		}
		if next > last || last-next < fitEnough*float64(len(y)) {
			return w
		}
		w, last = tried, next
	}
	return w
}

// odds gives the log-odds of a row.
func (x *matrix) odds(row int, w []float64) float64 {
	z := w[x.columns]
	for _, e := range x.rows[row] {
		z += w[e.column] * e.value
	}
	return z
}

// loss gives what fit makes least.
func loss(x matrix, y []bool, w []float64, l2 float64) float64 {
	sum := 0.0
	for i := range x.rows {
		sum += logLoss(x.odds(i, w), y[i])
	}
	for _, v := range w[:x.columns] {
		sum += l2 / 2 * v * v
	}
	return sum
}

// logLoss gives how far log-odds are from what was: ln(1 + e^-z) of what is true.
func logLoss(z float64, is bool) float64 {
	if is {
		z = -z
	}
	return max(z, 0) + math.Log1p(math.Exp(-math.Abs(z)))
}

// newton gives the step of Newton's method: the Hessian's inverse times the
// gradient.
func newton(x matrix, y []bool, w []float64, l2 float64) []float64 {
	n := x.columns + 1
	gradient, hessian := make([]float64, n), make([][]float64, n)
	for i := range hessian {
		hessian[i] = make([]float64, n)
	}
	for i := range x.rows {
		p := logistic(x.odds(i, w))
		wrong, weight := p, p*(1-p)
		if y[i] {
			wrong = p - 1
		}
		row := append(x.rows[i][:len(x.rows[i]):len(x.rows[i])], entry{x.columns, 1})
		for a, ea := range row {
			gradient[ea.column] += wrong * ea.value
			for _, eb := range row[:a+1] {
				hessian[ea.column][eb.column] += weight * ea.value * eb.value
			}
		}
	}
	for i := range n {
		hold := l2
		if i == x.columns {
			hold = 1e-9 // keeps the matrix definite where all claims are alike
		}
		gradient[i] += hold * w[i]
		hessian[i][i] += hold
	}
	return solve(hessian, gradient)
}

// solve solves a·x = b by Cholesky's decomposition; of a, which is symmetric and
// positive definite, only the lower half is read, and it is overwritten.
func solve(a [][]float64, b []float64) []float64 {
	n := len(b)
	for j := range n {
		for k := range j {
			a[j][j] -= a[j][k] * a[j][k]
		}
		a[j][j] = math.Sqrt(math.Max(a[j][j], 1e-12))
		for i := j + 1; i < n; i++ {
			for k := range j {
				a[i][j] -= a[i][k] * a[j][k]
			}
			a[i][j] /= a[j][j]
		}
	}
	x := make([]float64, n)
	for i := range n {
		x[i] = b[i]
		for k := range i {
			x[i] -= a[i][k] * x[k]
		}
		x[i] /= a[i][i]
	}
	for i := n - 1; i >= 0; i-- {
		for k := i + 1; k < n; k++ {
			x[i] -= a[k][i] * x[k]
		}
		x[i] /= a[i][i]
	}
	return x
}
