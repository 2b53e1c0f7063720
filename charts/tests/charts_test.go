// Package charts renders the Helm chart as Helm does and reads what comes out as Kubernetes does.
//
// It is a module of its own: Helm and Kubernetes are a hundred times what they check.
package charts

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"helm.sh/helm/v4/pkg/action"
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/engine"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
	"sigs.k8s.io/yaml"
)

const chartDir = "../answerable"

// cluster is what we read of CloudNativePG, whose own types cannot be had here (docs: cloudnative-pg.io, API reference v1).
type cluster struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		Instances  int    `json:"instances"`
		ImageName  string `json:"imageName"`
		PostgreSQL struct {
			Synchronous *struct {
				Method         string `json:"method"`
				Number         int    `json:"number"`
				DataDurability string `json:"dataDurability"`
			} `json:"synchronous"`
			Parameters map[string]string `json:"parameters"`
		} `json:"postgresql"`
		Bootstrap struct {
			InitDB struct {
				Database    string   `json:"database"`
				Owner       string   `json:"owner"`
				PostInitSQL []string `json:"postInitSQL"`
			} `json:"initdb"`
		} `json:"bootstrap"`
		Storage struct {
			Size         string `json:"size"`
			StorageClass string `json:"storageClass"`
		} `json:"storage"`
		Resources corev1.ResourceRequirements `json:"resources"`
	} `json:"spec"`
}

// kinds is everything that the chart may make.
var kinds = map[string]func() any{
	"v1/ServiceAccount":                       func() any { return new(corev1.ServiceAccount) },
	"v1/Service":                              func() any { return new(corev1.Service) },
	"v1/ConfigMap":                            func() any { return new(corev1.ConfigMap) },
	"v1/Pod":                                  func() any { return new(corev1.Pod) },
	"apps/v1/Deployment":                      func() any { return new(appsv1.Deployment) },
	"batch/v1/Job":                            func() any { return new(batchv1.Job) },
	"batch/v1/CronJob":                        func() any { return new(batchv1.CronJob) },
	"networking.k8s.io/v1/NetworkPolicy":      func() any { return new(networkingv1.NetworkPolicy) },
	"networking.k8s.io/v1/Ingress":            func() any { return new(networkingv1.Ingress) },
	"policy/v1/PodDisruptionBudget":           func() any { return new(policyv1.PodDisruptionBudget) },
	"autoscaling/v2/HorizontalPodAutoscaler":  func() any { return new(autoscalingv2.HorizontalPodAutoscaler) },
	"gateway.networking.k8s.io/v1/HTTPRoute":  func() any { return new(gatewayv1.HTTPRoute) },
	"monitoring.coreos.com/v1/ServiceMonitor": func() any { return new(monitoringv1.ServiceMonitor) },
	"postgresql.cnpg.io/v1/Cluster":           func() any { return new(cluster) },
}

func loadChart(t *testing.T) *chart.Chart {
	t.Helper()
	loaded, err := loader.Load(chartDir)
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

// render gives the chart's files with values, as `helm template` does, schema included.
func render(t *testing.T, values map[string]any) (map[string]string, error) {
	t.Helper()
	c := loadChart(t)
	options := common.ReleaseOptions{Name: "words", Namespace: "clinics", Revision: 1, IsInstall: true}
	all, err := util.ToRenderValues(c, values, options, common.DefaultCapabilities)
	if err != nil {
		return nil, err
	}
	return engine.Render(c, all)
}

// objects decodes what was rendered, strictly: an unknown or doubled member is an error.
func objects(t *testing.T, files map[string]string) []any {
	t.Helper()
	var all []any
	for name, text := range files {
		if strings.HasSuffix(name, "NOTES.txt") {
			continue
		}
		for _, document := range regexp.MustCompile(`(?m)^---$`).Split(text, -1) {
			var head metav1.TypeMeta
			if err := yaml.Unmarshal([]byte(document), &head); err != nil {
				t.Fatalf("%s is not YAML: %v\n%s", name, err, document)
			}
			if head.Kind == "" {
				continue
			}
			make, known := kinds[head.APIVersion+"/"+head.Kind]
			if !known {
				t.Fatalf("%s makes a %s %s, which no test knows", name, head.APIVersion, head.Kind)
			}
			object := make()
			if err := yaml.UnmarshalStrict([]byte(document), object); err != nil {
				t.Fatalf("%s: %v\n%s", name, err, document)
			}
			all = append(all, object)
		}
	}
	return all
}

func readValues(t *testing.T, text string) map[string]any {
	t.Helper()
	values := map[string]any{}
	if err := yaml.UnmarshalStrict([]byte(text), &values); err != nil {
		t.Fatal(err)
	}
	return values
}

// sizes are the values of ci/, and one that turns everything on.
func sizes(t *testing.T) map[string]map[string]any {
	t.Helper()
	names, err := filepath.Glob(chartDir + "/ci/*.yaml")
	if err != nil || len(names) < 3 {
		t.Fatalf("three sizes are promised, found %d: %v", len(names), err)
	}
	all := map[string]map[string]any{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimSuffix(filepath.Base(name), ".yaml")] = readValues(t, string(text))
	}
	return all
}

// pods are the pod templates among objects, by what they belong to.
func pods(all []any) map[string]corev1.PodTemplateSpec {
	found := map[string]corev1.PodTemplateSpec{}
	for _, o := range all {
		switch o := o.(type) {
		case *appsv1.Deployment:
			found["Deployment "+o.Name] = o.Spec.Template
		case *batchv1.Job:
			found["Job "+o.Name] = o.Spec.Template
		case *batchv1.CronJob:
			found["CronJob "+o.Name] = o.Spec.JobTemplate.Spec.Template
		case *corev1.Pod:
			found["Pod "+o.Name] = corev1.PodTemplateSpec{ObjectMeta: o.ObjectMeta, Spec: o.Spec}
		}
	}
	return found
}

func containers(spec corev1.PodSpec) []corev1.Container {
	return append(slices.Clone(spec.InitContainers), spec.Containers...)
}

func TestEverySizeIsRestrictedWithoutChange(t *testing.T) {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for size, values := range sizes(t) {
		files, err := render(t, values)
		if err != nil {
			t.Fatalf("%s: %v", size, err)
		}
		found := pods(objects(t, files))
		if len(found) < 2 {
			t.Errorf("%s: only %d pods", size, len(found))
		}
		for name, pod := range found {
			restricted := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
			verdict := policy.AggregateCheckResults(evaluator.EvaluatePod(restricted, &pod.ObjectMeta, &pod.Spec))
			if !verdict.Allowed {
				t.Errorf("%s, %s: %s", size, name, verdict.ForbiddenDetail())
			}
			if pod.Spec.AutomountServiceAccountToken == nil || *pod.Spec.AutomountServiceAccountToken {
				t.Errorf("%s, %s gets a token of Kubernetes", size, name)
			}
			for _, c := range containers(pod.Spec) {
				if s := c.SecurityContext; s == nil || s.ReadOnlyRootFilesystem == nil || !*s.ReadOnlyRootFilesystem {
					t.Errorf("%s, %s: %s can write to its own files", size, name, c.Name)
				}
				if c.Resources.Limits.Memory().IsZero() || c.Resources.Requests.Cpu().IsZero() {
					t.Errorf("%s, %s: %s has no bounds", size, name, c.Name)
				}
				for _, v := range c.Env {
					if strings.Contains(strings.ToLower(v.Value), "password") || strings.HasPrefix(v.Value, "postgres") {
						t.Errorf("%s, %s: %s holds a secret in the clear: %s", size, name, c.Name, v.Name)
					}
				}
			}
		}
	}
	// The evaluator would see it.
	evil := corev1.PodSpec{HostNetwork: true, Containers: []corev1.Container{{Name: "x"}}}
	if policy.AggregateCheckResults(evaluator.EvaluatePod(api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}, &metav1.ObjectMeta{}, &evil)).Allowed {
		t.Error("the evaluator allows everything")
	}
}

// Selectors, ports and names lead to something that is there.
func TestEveryReferenceLeadsSomewhere(t *testing.T) {
	for size, values := range sizes(t) {
		files, err := render(t, values)
		if err != nil {
			t.Fatalf("%s: %v", size, err)
		}
		all := objects(t, files)
		found := pods(all)
		selects := func(what string, selector map[string]string) {
			for _, pod := range found {
				if covers(selector, pod.Labels) {
					return
				}
			}
			t.Errorf("%s: %s selects no pod", size, what)
		}
		services := map[string]*corev1.Service{}
		accounts := map[string]bool{"": true, "default": true}
		for _, o := range all {
			switch o := o.(type) {
			case *corev1.Service:
				services[o.Name] = o
				selects("service "+o.Name, o.Spec.Selector)
				checkPorts(t, size, o, found)
			case *corev1.ServiceAccount:
				accounts[o.Name] = true
			case *policyv1.PodDisruptionBudget:
				selects("budget", o.Spec.Selector.MatchLabels)
			case *appsv1.Deployment:
				if !covers(o.Spec.Selector.MatchLabels, o.Spec.Template.Labels) {
					t.Errorf("%s: deployment %s does not select its own pods", size, o.Name)
				}
			}
		}
		for name, pod := range found {
			if !accounts[pod.Spec.ServiceAccountName] {
				t.Errorf("%s: %s runs as %s, which is not made", size, name, pod.Spec.ServiceAccountName)
			}
			for _, c := range containers(pod.Spec) {
				for _, m := range c.VolumeMounts {
					if !slices.ContainsFunc(pod.Spec.Volumes, func(v corev1.Volume) bool { return v.Name == m.Name }) {
						t.Errorf("%s: %s mounts %s, which is not there", size, name, m.Name)
					}
				}
			}
		}
		for _, o := range all {
			switch o := o.(type) {
			case *networkingv1.Ingress:
				for _, r := range o.Spec.Rules {
					if services[r.HTTP.Paths[0].Backend.Service.Name] == nil {
						t.Errorf("%s: the ingress leads nowhere", size)
					}
				}
			case *gatewayv1.HTTPRoute:
				if services[string(o.Spec.Rules[0].BackendRefs[0].Name)] == nil {
					t.Errorf("%s: the route leads nowhere", size)
				}
			case *monitoringv1.ServiceMonitor:
				if !slices.ContainsFunc(all, func(s any) bool {
					service, is := s.(*corev1.Service)
					return is && covers(o.Spec.Selector.MatchLabels, service.Labels) && service.Spec.Ports[0].Name == o.Spec.Endpoints[0].Port
				}) {
					t.Errorf("%s: the monitor watches nothing", size)
				}
			case *autoscalingv2.HorizontalPodAutoscaler:
				deployment := found["Deployment "+o.Spec.ScaleTargetRef.Name]
				if len(deployment.Spec.Containers) == 0 {
					t.Errorf("%s: the autoscaler scales nothing", size)
				}
			}
		}
	}
}

func covers(selector, labels map[string]string) bool {
	for k, v := range selector {
		if labels[k] != v {
			return false
		}
	}
	return len(selector) > 0
}

func checkPorts(t *testing.T, size string, s *corev1.Service, found map[string]corev1.PodTemplateSpec) {
	t.Helper()
	for _, pod := range found {
		if !covers(s.Spec.Selector, pod.Labels) {
			continue
		}
		for _, port := range s.Spec.Ports {
			if !slices.ContainsFunc(pod.Spec.Containers[0].Ports, func(p corev1.ContainerPort) bool { return p.Name == port.TargetPort.String() }) {
				t.Errorf("%s: service %s leads to port %s, which the pod does not have", size, s.Name, port.TargetPort.String())
			}
		}
	}
}

// Nothing gets out of the server but to what the values name.
func TestNetworkPolicyLetsOutWhatIsNamed(t *testing.T) {
	files, err := render(t, sizes(t)["network"])
	if err != nil {
		t.Fatal(err)
	}
	var allowed []string
	for _, o := range objects(t, files) {
		p, is := o.(*networkingv1.NetworkPolicy)
		if !is {
			continue
		}
		if !slices.Contains(p.Spec.PolicyTypes, networkingv1.PolicyTypeEgress) || !slices.Contains(p.Spec.PolicyTypes, networkingv1.PolicyTypeIngress) {
			t.Error("one direction is open")
		}
		for _, rule := range p.Spec.Egress {
			if len(rule.Ports) == 0 || len(rule.To) == 0 {
				t.Errorf("a rule is open: %+v", rule)
			}
			for _, port := range rule.Ports {
				for _, to := range rule.To {
					cidr := "names"
					if to.IPBlock != nil {
						cidr = to.IPBlock.CIDR
					}
					allowed = append(allowed, fmt.Sprintf("%s:%d", cidr, port.Port.IntVal))
				}
			}
		}
	}
	slices.Sort(allowed)
	want := []string{
		"10.20.0.0/16:5432", "10.20.0.0/16:6432", "192.0.2.25/32:587", "192.0.2.80/32:443", "192.0.2.81/32:443",
		"198.51.100.0/24:443", "2001:db8::/32:443", "names:53", "names:53",
	}
	if !slices.Equal(allowed, want) {
		t.Errorf("let out to\n%v, want\n%v", allowed, want)
	}
}

// What a value that is missing or wrong is answered with says which one and what to do.
func TestBadValuesAreRefusedWithASentence(t *testing.T) {
	base := sizes(t)["one-clinic"]
	for _, c := range []struct{ name, change, want string }{
		{"no image", "image: {repository: ''}", "Set image.repository"},
		{"no digest and no tag", "image: {digest: ''}", "Set image.digest"},
		{"no origin", "origin: ''", "Set origin"},
		{"no address", "webOrigins: []", "Set webOrigins"},
		{"no database", "database: {existingSecret: ''}", "Set database.existingSecret"},
		{"no keys", "keys: {existingSecret: ''}", "Set keys.existingSecret"},
		{"two databases", "{cloudnativepg: {enabled: true}, migrations: {mode: init}}", "Keep one of them"},
		{"a hook before the database", "{cloudnativepg: {enabled: true}, database: {existingSecret: ''}}", "set migrations.mode to init"},
		{"an ingress to no name", "ingress: {hosts: []}", "Set ingress.hosts"},
		{"a route from no gateway", "gateway: {enabled: true}", "Set gateway.name"},
		{"an onion without keys", "onion: {enabled: true, image: {repository: a, tag: b}}", "Set onion.existingSecret"},
		{"an onion without image", "onion: {enabled: true, existingSecret: a}", "Set onion.image.repository"},
		{"notices by mail from nobody", "notices: {existingSecret: a, smtp: {url: 'smtps://mail.example.org'}}", "Set notices.smtp.from"},
		{"a password in the open", "notices: {existingSecret: a, smtp: {url: 'smtps://desk:word@mail.example.org', from: a@example.org}}", "url"},
		{"a canary without identity", "canary: {clinic: canary}", "Set canary.existingSecret"},
		{"a monitor of no metrics", "metrics: {serviceMonitor: {enabled: true}}", "needs metrics.enabled"},
		{"an unknown value", "replicaCount: 3", "replicaCount"},
		{"an unknown value inside", "image: {registry: a}", "registry"},
		{"a number that is none", "replicas: two", "replicas"},
		{"an origin with a scheme", "origin: https://words.example.org/answerable", "origin"},
		{"an address with a path", "webOrigins: [https://words.example.org/]", "webOrigins"},
		{"too little time to end", "terminationGracePeriodSeconds: 1", "terminationGracePeriodSeconds"},
		{"a value by its name of before", "networkPolicy: {databasePorts: [6432]}", "networkPolicy.databasePorts is now networkPolicy.database.ports."},
		{"a port without range", "networkPolicy: {egress: {smtp: [{port: 25}]}}", "smtp"},
	} {
		values := util.CoalesceTables(readValues(t, c.change), base)
		_, err := render(t, values)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: want a sentence with %q, have: %v", c.name, c.want, err)
		}
	}
}

// Nobody has to change the release's name to have two in one namespace.
func TestTwoReleasesInOneNamespaceShareNothing(t *testing.T) {
	named := func(release string) []string {
		c := loadChart(t)
		all, err := util.ToRenderValues(c, sizes(t)["ten-clinics"], common.ReleaseOptions{Name: release, Namespace: "clinics"}, common.DefaultCapabilities)
		if err != nil {
			t.Fatal(err)
		}
		files, err := engine.Render(c, all)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, o := range objects(t, files) {
			m := o.(metav1.Object)
			names = append(names, fmt.Sprintf("%T %s", o, m.GetName()))
		}
		return names
	}
	first := named("words")
	for _, name := range named("voices") {
		if slices.Contains(first, name) {
			t.Errorf("both make %s", name)
		}
	}
}

func TestLintFindsNothing(t *testing.T) {
	for size, values := range sizes(t) {
		lint := action.NewLint()
		lint.Strict = true
		result := lint.Run([]string{chartDir}, values)
		for _, err := range result.Errors {
			t.Errorf("%s: %v", size, err)
		}
		for _, m := range result.Messages {
			if m.Severity > 1 { // an icon is recommended; there is none
				t.Errorf("%s: %s", size, m)
			}
		}
	}
}

// Every flag and setting of the rendered containers is known to the program.
func TestProgramKnowsEverySetting(t *testing.T) {
	program, err := filepath.Abs("../../bin/answerable")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(program); err != nil {
		t.Fatal("there is no bin/answerable; run make build first")
	}
	help := map[string]string{}
	for size, values := range sizes(t) {
		files, err := render(t, values)
		if err != nil {
			t.Fatal(err)
		}
		for name, pod := range pods(objects(t, files)) {
			for _, c := range containers(pod.Spec) {
				if !strings.Contains(c.Image, "/answerable") {
					continue
				}
				var words []string
				for _, arg := range c.Args {
					if !strings.HasPrefix(arg, "-") {
						words = append(words, arg)
					}
				}
				command := strings.Join(words, " ")
				if help[command] == "" {
					out, err := exec.Command(program, append(words, "--help")...).Output()
					if err != nil {
						t.Fatalf("%s, %s: answerable %s: %v", size, name, command, err)
					}
					help[command] = string(out)
				}
				for _, arg := range c.Args {
					flag, _, _ := strings.Cut(arg, "=")
					if strings.HasPrefix(flag, "--") && !strings.Contains(help[command], flag+"=") {
						t.Errorf("%s, %s: answerable %s does not know %s", size, name, command, flag)
					}
				}
				for _, v := range c.Env {
					if v.Name != "GOMEMLIMIT" && !strings.Contains(help[command], "$"+v.Name) {
						t.Errorf("%s, %s: answerable %s does not know %s", size, name, command, v.Name)
					}
				}
			}
		}
	}
}

// The README's table is what values.yaml says, and the schema knows the same values.
func TestREADMEAndSchemaSayWhatValuesSay(t *testing.T) {
	text, err := os.ReadFile(chartDir + "/values.yaml")
	if err != nil {
		t.Fatal(err)
	}
	table, err := valuesTable(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile(chartDir + "/README.md")
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(readme), tableBegins)
	_, after, ends := strings.Cut(rest, tableEnds)
	if !found || !ends {
		t.Fatal("the README has no place for the table")
	}
	want := before + tableBegins + "\n" + table + tableEnds + after
	if want == string(readme) {
		return
	}
	if os.Getenv("UPDATE") == "" {
		t.Fatal("the README's table is not what values.yaml says; run: UPDATE=1 go test -run README .")
	}
	if err := os.WriteFile(chartDir+"/README.md", []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

const (
	tableBegins = "<!-- values -->"
	tableEnds   = "<!-- end of values -->"
)

// valuesTable makes rows of the comments that begin with "# --". A value without one is an error, unless it holds others.
func valuesTable(r io.Reader) (string, error) {
	var text strings.Builder
	text.WriteString("| value | default | what |\n|---|---|---|\n")
	content, err := io.ReadAll(r)
	if err != nil {
		return "", err
	}
	var path []string
	said := ""
	lines := strings.Split(string(content), "\n")
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		trimmed := strings.TrimSpace(line)
		indent := (len(line) - len(strings.TrimLeft(line, " "))) / 2
		if what, is := strings.CutPrefix(trimmed, "# -- "); is {
			said = what
			continue
		}
		if trimmed == "" || strings.HasPrefix(trimmed, "#") {
			continue
		}
		key, value, is := strings.Cut(trimmed, ":")
		if !is {
			return "", errors.New("not a value: " + line)
		}
		path = append(path[:indent], key)
		value = strings.TrimSpace(value)
		if value == "" && said == "" {
			continue // it holds others
		}
		if said == "" {
			return "", fmt.Errorf("%s has no comment", strings.Join(path, "."))
		}
		if value == "" {
			value = "see there"
			for i+1 < len(lines) && len(lines[i+1])-len(strings.TrimLeft(lines[i+1], " ")) > indent*2 {
				i++
			}
		}
		fmt.Fprintf(&text, "| `%s` | `%s` | %s |\n", strings.Join(path, "."), value, said)
		said = ""
	}
	return text.String(), nil
}
