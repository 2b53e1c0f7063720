package charts

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"helm.sh/helm/v4/pkg/chart/common/util"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// leaves lists every value by its path, with a map around it that holds it alone.
func leaves(values map[string]any) map[string]map[string]any {
	all := map[string]map[string]any{}
	for key, value := range values {
		inner, is := value.(map[string]any)
		if !is || len(inner) == 0 {
			all[key] = map[string]any{key: value}
			continue
		}
		for path, alone := range leaves(inner) {
			all[key+"."+path] = map[string]any{key: alone}
		}
	}
	return all
}

// Each value that a release of the chart had is still taken, or refused with a sentence that names the new one. testdata keeps
// the values of each release; one is added with each version of the chart.
func TestValuesOfEarlierReleasesAreTakenOrNamed(t *testing.T) {
	names, err := filepath.Glob("testdata/values-*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatal("no values of a release are kept", err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for path, alone := range leaves(readValues(t, string(text))) {
			if err := takenOrNamed(t, alone, path); err != nil {
				t.Errorf("%s: %v", filepath.Base(name), err)
			}
		}
	}
	if takenOrNamed(t, map[string]any{"replicaCount": 2}, "replicaCount") == nil {
		t.Error("a value that is gone without a word would be found well")
	}
}

// takenOrNamed sets one value where the chart does not need another.
func takenOrNamed(t *testing.T, alone map[string]any, path string) error {
	t.Helper()
	base := sizes(t)["one-clinic"]
	_, err := render(t, util.CoalesceTables(base, alone)) // base wins where it needs to
	if err == nil {
		return nil
	}
	_, named, _ := strings.Cut(err.Error(), path+" is now ")
	if now, _, is := strings.Cut(named, ". "); is && hasValue(loadChart(t).Values, now) {
		return nil
	}
	return fmt.Errorf("%s is refused, and nobody says what it is called now: %w", path, err)
}

// hasValue says whether there is a value at a path, such as networkPolicy.database.ports.
func hasValue(values map[string]any, path string) bool {
	_, is := leaves(values)[path]
	return is
}

// What goes wrong on a cluster leaves what runs alone: a Job that fails stops the release before anything changed, a secret that
// is missing keeps a new server from starting while the old ones go on, and a drained node takes no more than there are to spare.
func TestReleaseIsNeverHalfApplied(t *testing.T) {
	for size, values := range sizes(t) {
		files, err := render(t, values)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range objects(t, files) {
			switch o := o.(type) {
			case *batchv1.Job:
				policy := strings.Split(o.Annotations["helm.sh/hook-delete-policy"], ",")
				if o.Annotations["helm.sh/hook"] != "pre-install,pre-upgrade" || slices.Contains(policy, "hook-failed") || o.Spec.ActiveDeadlineSeconds == nil {
					t.Errorf("%s: job %s does not run before all else, or its log goes when it fails: %v", size, o.Name, o.Annotations)
				}
			case *appsv1.Deployment:
				if o.Name != "words" {
					continue
				}
				checkRollout(t, size, o)
			case *policyv1.PodDisruptionBudget:
				if least := o.Spec.MinAvailable; least == nil || least.IntValue() < 1 {
					t.Errorf("%s: a drained node may take all servers", size)
				}
			}
		}
		for name, pod := range pods(objects(t, files)) {
			for _, v := range pod.Spec.Volumes {
				if v.Secret != nil && v.Secret.Optional != nil && *v.Secret.Optional {
					t.Errorf("%s, %s starts without its secret %s", size, name, v.Secret.SecretName)
				}
			}
		}
	}
}

func checkRollout(t *testing.T, size string, d *appsv1.Deployment) {
	t.Helper()
	rolling := d.Spec.Strategy.RollingUpdate
	if rolling == nil || rolling.MaxUnavailable.IntValue() != 0 {
		t.Errorf("%s: a server goes before the next is ready", size)
	}
	server := d.Spec.Template.Spec.Containers[0]
	sleep := server.Lifecycle.PreStop.Sleep
	if sleep == nil || sleep.Seconds < 1 || server.ReadinessProbe == nil {
		t.Fatalf("%s: a server that ends is still called", size)
	}
	const drains = 10 // seconds, which the program keeps to
	if grace := d.Spec.Template.Spec.TerminationGracePeriodSeconds; grace == nil || *grace < sleep.Seconds+drains {
		t.Errorf("%s: a server is killed before it has let begun requests finish", size)
	}
}

// Whoever may call from outside, Tor and the test of the release itself come in.
func TestNetworkPolicyLetsInWhatBelongsToTheRelease(t *testing.T) {
	files, err := render(t, sizes(t)["ten-clinics"])
	if err != nil {
		t.Fatal(err)
	}
	all := objects(t, files)
	found := pods(all)
	for _, o := range all {
		p, is := o.(*networkingv1.NetworkPolicy)
		if !is {
			continue
		}
		for _, name := range []string{"Deployment words-onion", "Pod words-canary"} {
			if !slices.ContainsFunc(p.Spec.Ingress[0].From, func(peer networkingv1.NetworkPolicyPeer) bool {
				selector, err := metav1.LabelSelectorAsSelector(peer.PodSelector)
				return err == nil && peer.PodSelector != nil && selector.Matches(labels.Set(found[name].Labels))
			}) {
				t.Errorf("%s is kept out", name)
			}
		}
	}
}

// Notices are sent once, however many servers run, and their addresses come from a secret.
func TestNoticesAreSentByOneJob(t *testing.T) {
	files, err := render(t, sizes(t)["network"])
	if err != nil {
		t.Fatal(err)
	}
	found := pods(objects(t, files))
	job, is := found["CronJob words-notices"]
	if !is {
		t.Fatalf("there are only %v", slices.Sorted(maps.Keys(found)))
	}
	for name, pod := range found {
		for _, c := range containers(pod.Spec) {
			tells := slices.ContainsFunc(c.Args, func(a string) bool { return strings.HasPrefix(a, "--notices-file") })
			if tells != (name == "CronJob words-notices") {
				t.Errorf("%s tells: %v", name, tells)
			}
		}
	}
	if !slices.ContainsFunc(job.Spec.Volumes, func(v corev1.Volume) bool { return v.Secret != nil && v.Secret.SecretName == "answerable-notices" }) {
		t.Error("the addresses do not come from the secret")
	}
}
