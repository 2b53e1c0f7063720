// Package metrics tells a Prometheus how a place is, and nothing about those who write to it.
//
// Whoever scrapes every few seconds sees each change with its second, and often hands it on to another company. So nothing
// here follows what people do: there are no counts of requests or messages, no bytes, no memory and no processor time of
// this program (all of them jump when somebody writes), and no label names a clinic. Figures about what was told change
// with a batch only, and then in steps of ten. Everything else is read once an hour.
//
// It promises that two scrapes with a message in between, and no batch, are the same to the byte.
//
// It leaves alerts and pictures to charts/observability.
package metrics

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"math"
	"math/bits"
	"net"
	"net/http"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/uptrace/bun"

	"answerable/internal/clinic"
	"answerable/internal/keyring"
)

// Place is what is watched.
type Place struct {
	DB         *bun.DB
	Clinics    *clinic.Store
	Keys       *keyring.Store
	BatchEvery time.Duration
	Data       string           // folder whose disk is looked at; empty: none
	CertEnds   func() time.Time // end of the certificate served; nil where a proxy has it. A zero time is unknown
	Witnesses  func() []bool    // of each witness of the log whether it answered when it was last asked; nil where nobody is asked
	Now        func() time.Time
}

// Exporter keeps the figures as they were last read.
type Exporter struct {
	place    *Place
	registry *prometheus.Registry

	databaseUp, batchSlot, batchFiles, formsWithoutKey, keyDays prometheus.Gauge
	databaseBytes, diskFree, certEnds, witnesses, witnessesDown prometheus.Gauge
	batchFailures                                               prometheus.Counter
}

// New makes an exporter whose figures have not been read yet.
func New(p *Place) *Exporter {
	e := &Exporter{place: p, registry: prometheus.NewRegistry()}
	gauge := func(name, help string) prometheus.Gauge {
		g := prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "answerable", Name: name, Help: help})
		e.registry.MustRegister(g)
		g.Set(math.NaN()) // not read yet
		return g
	}
	e.databaseUp = gauge("database_up", "1 when the database answered at the last look, which is at most an hour ago.")
	e.batchSlot = gauge("batch_slot_timestamp_seconds", "Start of the interval whose batch ran last. It follows the calendar, not what people do.")
	e.batchFiles = gauge("batch_files_at_least", "How many files the last batch of this replica moved, rounded down to 0, 10, 100, 1000 and so on.")
	e.formsWithoutKey = gauge("forms_without_key", "Open forms that take nothing because no key of their panel is in use.")
	e.keyDays = gauge("key_days_left", "Days for which keys are made and checked, of the open form that has the fewest.")
	e.databaseBytes = gauge("database_bytes_at_most", "Size of the database without what waits for a batch, rounded up to a power of two.")
	e.diskFree = gauge("data_disk_free_ratio", "How much is free where --data lies, rounded down to a twentieth.")
	e.certEnds = gauge("certificate_not_after_timestamp_seconds", "When the certificate that this server serves ends.")
	e.witnesses = gauge("witnesses", "How many witnesses of the log are asked to cosign it.")
	e.witnessesDown = gauge("witnesses_down", "How many of them did not answer when they were last asked, as it was at the last look, which is at most an hour ago.")
	e.batchFailures = prometheus.NewCounter(prometheus.CounterOpts{Namespace: "answerable", Name: "batch_failures_total", Help: "Batches that failed and were tried again."})
	e.registry.MustRegister(e.batchFailures)
	gauge("batch_interval_seconds", "How long words wait for a batch at most.").Set(p.BatchEvery.Seconds())
	info := prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "answerable", Name: "build_info", Help: "Which program runs."}, []string{"version", "go"})
	info.WithLabelValues(version(), runtime.Version()).Set(1)
	e.registry.MustRegister(info)
	return e
}

func version() string {
	if build, ok := debug.ReadBuildInfo(); ok {
		return build.Main.Version
	}
	return "unknown"
}

// BatchRan notes that this replica moved some files.
func (e *Exporter) BatchRan(ctx context.Context, files int) {
	e.batchFiles.Set(downToTen(files))
	e.Observe(ctx)
}

// BatchFailed notes that a batch is tried again.
func (e *Exporter) BatchFailed() { e.batchFailures.Inc() }

// downToTen hides small numbers: 0 to 9 are 0, 10 to 99 are 10, 100 to 999 are 100, and so on.
func downToTen(n int) float64 {
	step := 0.0
	for at := 10; at <= n; at *= 10 {
		step = float64(at)
	}
	return step
}

// Run reads everything now and at each whole hour, until ctx ends.
func (e *Exporter) Run(ctx context.Context) {
	for {
		e.Observe(ctx)
		now := e.place.Now()
		wait := time.NewTimer(now.Truncate(time.Hour).Add(time.Hour).Sub(now))
		select {
		case <-ctx.Done():
			wait.Stop()
			return
		case <-wait.C:
		}
	}
}

// Observe reads everything. What cannot be read becomes NaN, which alerts take for absent.
func (e *Exporter) Observe(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	e.databaseUp.Set(1)
	if err := e.observeDatabase(ctx); err != nil {
		e.databaseUp.Set(0)
		for _, g := range []prometheus.Gauge{e.batchSlot, e.formsWithoutKey, e.keyDays, e.databaseBytes} {
			g.Set(math.NaN())
		}
	}
	e.diskFree.Set(freeRatio(e.place.Data))
	if e.place.CertEnds != nil {
		if end := e.place.CertEnds(); !end.IsZero() {
			e.certEnds.Set(float64(end.Unix()))
		}
	}
	if e.place.Witnesses != nil {
		e.observeWitnesses()
	}
}

// observeWitnesses is read by the hour as all the rest: a witness is asked soon after the log has grown.
func (e *Exporter) observeWitnesses() {
	down, answered := 0, e.place.Witnesses()
	for _, ok := range answered {
		if !ok {
			down++
		}
	}
	e.witnesses.Set(float64(len(answered)))
	e.witnessesDown.Set(float64(down))
}

func (e *Exporter) observeDatabase(ctx context.Context) error {
	var row struct {
		Slot int64 `bun:"slot"`
		Size int64 `bun:"size"`
	}
	err := e.place.DB.NewRaw(`
		SELECT coalesce((SELECT batch_slot FROM instance), 0) AS slot,
		       pg_database_size(current_database()) - pg_total_relation_size('pending') - pg_total_relation_size('log_waiting') AS size`).Scan(ctx, &row)
	if err != nil {
		return fmt.Errorf("read figures: %w", err)
	}
	without, days, err := e.keys(ctx)
	if err != nil {
		return err
	}
	e.batchSlot.Set(float64(row.Slot))
	e.databaseBytes.Set(upToPowerOfTwo(row.Size))
	e.formsWithoutKey.Set(float64(without))
	e.keyDays.Set(days)
	return nil
}

func upToPowerOfTwo(n int64) float64 {
	if n <= 1 {
		return 1
	}
	return math.Ldexp(1, bits.Len64(uint64(n-1)))
}

// keys looks at the open forms: how many have no key in use, and for how many days the worst of them is covered. Without
// an open form the days are NaN.
func (e *Exporter) keys(ctx context.Context) (without int, days float64, err error) {
	days = math.NaN()
	clinics, err := e.place.Clinics.List(ctx)
	if err != nil {
		return 0, days, err
	}
	for _, place := range clinics {
		if !place.Open {
			continue
		}
		var epochs []keyring.Epoch
		err := e.place.Clinics.Enter(ctx, place.Slug, func(ctx context.Context, c *clinic.Clinic) (err error) {
			epochs, err = e.place.Keys.Epochs(ctx, c.ID)
			return err
		})
		if err != nil {
			return 0, days, err
		}
		left := daysLeft(epochs, e.place.Now())
		if left < 0 {
			without, left = without+1, 0
		}
		if math.IsNaN(days) || float64(left) < days {
			days = float64(left)
		}
	}
	return without, days, nil
}

// daysLeft counts the days after today for which one checked key follows another; -1 when none is in use. epochs are one
// clinic's, by start.
func daysLeft(epochs []keyring.Epoch, now time.Time) int {
	today := now.UTC().Truncate(24 * time.Hour)
	var covered time.Time
	for _, epoch := range epochs {
		begun := epoch.Effective == keyring.StateActive
		follows := epoch.Effective == keyring.StateLogged && !covered.IsZero() && !epoch.NotBefore.After(covered.AddDate(0, 0, 1))
		if (begun || follows) && epoch.NotAfter.After(covered) {
			covered = epoch.NotAfter
		}
	}
	if covered.IsZero() {
		return -1
	}
	return max(0, int(covered.Sub(today).Hours()/24))
}

// freeRatio is how much of a disk is free, rounded down to a twentieth; NaN where there is nothing to look at.
func freeRatio(dir string) float64 {
	var stat syscall.Statfs_t
	if dir == "" || syscall.Statfs(dir, &stat) != nil || stat.Blocks == 0 {
		return math.NaN()
	}
	return math.Floor(float64(stat.Bavail)/float64(stat.Blocks)*20) / 20
}

// Handler answers with the figures as they were last read.
func (e *Exporter) Handler() http.Handler {
	answer := promhttp.HandlerFor(e.registry, promhttp.HandlerOpts{DisableCompression: true})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		answer.ServeHTTP(w, r)
	})
	return mux
}

// Serve answers on a listener of its own until ctx ends.
func (e *Exporter) Serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{
		Handler: e.Handler(), ReadHeaderTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, IdleTimeout: time.Minute,
		ErrorLog: log.New(io.Discard, "", 0), // it would write addresses
	}
	stop := context.AfterFunc(ctx, func() { server.Close() })
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve metrics: %w", err)
	}
	return nil
}
