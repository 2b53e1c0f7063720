#!/bin/bash
# Puts the chart on the cluster of the current kubeconfig, in a namespace of its own that goes away afterwards, and tries
# there what only a cluster can show: make cluster-check IMAGE=REGISTRY/answerable:TAG
#
# On this machine it needs bash, helm (3.14 or 4), kubectl and bin/answerable. Of the cluster it needs
# - version 1.30 or later, with the admission of Pod Security Standards (it is on unless somebody switched it off), names of
#   services (CoreDNS), and a network that enforces network policies: it fails where one of them is missing;
# - the right to make and delete a namespace with everything in it, to run commands in pods and to forward their ports;
# - about 1 core and 1.5 GiB to spare, and no storage class: its Postgres keeps nothing;
# - an image of `make image`, in a registry from which the cluster pulls without a password, or loaded into every node;
# - POSTGRES_IMAGE, which is by default the one of docker.io. One of your own starts as that does (POSTGRES_PASSWORD, PGDATA,
#   user 999, trust on 127.0.0.1), and has bash, which asks for pages.
# The sizes of ci/ are shown to the API server too, without being kept. One with kinds that the cluster does not know
# (Gateway API, Prometheus operator, CloudNativePG) is left out, and said.
#
# With BEFORE_CHART=DIR, and BEFORE_IMAGE where its servers were others, that earlier chart is put in place and replaced
# under load too. PATIENCE is how many seconds it waits for one step (300). It touches nothing outside its namespace.
set -euo pipefail

die() { echo "cluster-check: $*" >&2; exit 1; }
say() { echo "== $(printf '%3d' $SECONDS) s: $*"; }

here=$(cd "$(dirname "$0")" && pwd)
chart=$here/../answerable
answerable=${ANSWERABLE:-$here/../../bin/answerable}
POSTGRES_IMAGE=${POSTGRES_IMAGE:-docker.io/library/postgres:17}
patience=${PATIENCE:-300}

for tool in kubectl helm; do
	command -v $tool >/dev/null || die "$tool is not here. Install it, then run make cluster-check again."
done
[ -x "$answerable" ] || die "there is no bin/answerable. Run make build first."
context=$(kubectl config current-context 2>/dev/null) || die "there is no current kubeconfig. Set KUBECONFIG, or choose a context with: kubectl config use-context NAME"
kubectl version --request-timeout=10s >/dev/null 2>&1 || die "the cluster of the context $context does not answer. Check kubectl get nodes."
[ -n "${IMAGE:-}" ] || die "no image is named. Push bin/image/answerable.tar of make image to a registry, then: make cluster-check IMAGE=REGISTRY/answerable:TAG"

# named gives the values that name an image.
named() {
	case "$1" in
	*@sha256:*) echo "image.repository=${1%@*},image.digest=${1#*@}" ;;
	*/*:*) echo "image.repository=${1%:*},image.tag=${1##*:}" ;;
	*) die "$1 is no image with a tag or a digest. Give IMAGE=REGISTRY/answerable:TAG" ;;
	esac
}
image=$(named "$IMAGE")
before=$(named "${BEFORE_IMAGE:-$IMAGE}")

ns=answerable-check-$RANDOM$RANDOM
port=$((20000 + RANDOM % 10000))
work=$(mktemp -d)
forwards=()
finish() {
	status=$?
	for pid in "${forwards[@]}"; do kill "$pid" 2>/dev/null || true; done
	if [ $status != 0 ] && [ -z "${gone:-}" ]; then
		[ ! -s "$work/said" ] || tail -n 20 "$work/said" >&2
		kubectl -n $ns get pods,jobs 2>/dev/null || true
		for pod in $(kubectl -n $ns get pods --field-selector status.phase=Failed -o name 2>/dev/null); do
			echo "$pod said:"
			kubectl -n $ns logs "$pod" --tail=20 || true
		done >&2
		kubectl -n $ns get events --field-selector type=Warning 2>/dev/null | tail -n 20 || true
	fi
	rm -rf "$work"
	kubectl delete namespace $ns --ignore-not-found --wait=false >/dev/null || true
	exit $status
}
trap finish EXIT

k() { kubectl -n $ns "$@"; }
# What helm says is shown when the check fails.
h() { helm -n $ns "$@" >"$work/said" 2>&1; }
psql() { k exec deploy/postgres -- psql -q -t -A -h 127.0.0.1 -U postgres "$@"; }
ready() { k get deploy "$1" -o 'jsonpath={.status.readyReplicas}'; }
generation() { k get deploy words -o 'jsonpath={.metadata.generation}'; }
kept() { k get deploy,svc,job,cm,sa,pdb,hpa,networkpolicy,ingress -l "app.kubernetes.io/instance=$1" -o name; }

# forward makes a port of the cluster one of this machine until it is stopped. A pod that ends takes it along.
forward() {
	kubectl -n $ns port-forward --address 127.0.0.1 "$1" "$2" >"$work/forward" 2>&1 &
	forwards+=($!)
	for _ in $(seq 60); do
		grep -qs '^Forwarding' "$work/forward" && return
		sleep 0.5
	done
	die "no port of $1 can be reached: $(cat "$work/forward")"
}

restricted='automountServiceAccountToken: false
  restartPolicy: Never
  securityContext: {runAsNonRoot: true, runAsUser: 65532, fsGroup: 65532, seccompProfile: {type: RuntimeDefault}}'
closed='securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}'

# script runs a few lines of bash in a pod. $1 is its name, $2 its labels, $3 the lines.
script() {
	k apply -f - >/dev/null <<END
apiVersion: v1
kind: Pod
metadata: {name: $1, labels: {$2}}
spec:
  $restricted
  containers:
    - name: script
      image: $POSTGRES_IMAGE
      command: [bash, -c]
      args:
        - |
$(sed 's/^/          /' <<<"$3")
      $closed
END
}

ends() { k wait --for="jsonpath={.status.phase}=$2" "pod/$1" --timeout=${patience}s >/dev/null 2>&1; }

say "a namespace at the level restricted, and a Postgres, in $context"
kubectl create namespace $ns >/dev/null
kubectl label namespace $ns pod-security.kubernetes.io/enforce=restricted pod-security.kubernetes.io/warn=restricted >/dev/null
for _ in $(seq 60); do # pods are taken once the namespace has its account
	! k get serviceaccount default >/dev/null 2>&1 || break
	sleep 0.5
done
if k run open --image="$IMAGE" --restart=Never >"$work/said" 2>&1; then
	die "the cluster does not hold the level restricted: a pod that asks for more was taken"
fi
grep -q 'violates PodSecurity' "$work/said" || die "a pod was refused for another reason than the level restricted"
k apply -f - >/dev/null <<END
apiVersion: apps/v1
kind: Deployment
metadata: {name: postgres}
spec:
  selector: {matchLabels: {app: postgres}}
  template:
    metadata: {labels: {app: postgres}}
    spec:
      automountServiceAccountToken: false
      securityContext: {runAsNonRoot: true, runAsUser: 999, fsGroup: 999, seccompProfile: {type: RuntimeDefault}}
      containers:
        - name: postgres
          image: $POSTGRES_IMAGE
          env:
            - {name: POSTGRES_PASSWORD, value: check}
            - {name: PGDATA, value: /var/lib/postgresql/data/here}
          ports: [{containerPort: 5432}]
          readinessProbe: {exec: {command: [pg_isready, -h, 127.0.0.1, -U, postgres]}, periodSeconds: 2}
          securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
          volumeMounts: [{name: data, mountPath: /var/lib/postgresql/data}, {name: run, mountPath: /var/run/postgresql}]
      volumes: [{name: data, emptyDir: {}}, {name: run, emptyDir: {}}]
---
apiVersion: v1
kind: Service
metadata: {name: postgres}
spec:
  selector: {app: postgres}
  ports: [{port: 5432}]
END
k rollout status deploy/postgres --timeout=${patience}s >/dev/null
psql -c 'CREATE ROLE answerable_clinic NOLOGIN' -c 'CREATE ROLE answerable_instance NOLOGIN' \
	-c "CREATE ROLE answerable LOGIN PASSWORD 'never-in-a-log' IN ROLE answerable_clinic, answerable_instance" \
	-c 'CREATE DATABASE answerable OWNER answerable' -c 'CREATE DATABASE voices OWNER answerable' >/dev/null
owner=postgres://answerable:never-in-a-log

say "every size is taken by the API server as it is"
for size in "$chart"/ci/*.yaml; do
	name=$(basename "$size" .yaml)
	helm -n $ns template words "$chart" -f "$size" >"$work/size"
	if k apply --dry-run=server --validate=strict -f "$work/size" >/dev/null 2>"$work/said"; then
		! grep -q Warning "$work/said" || die "the size $name is taken with warnings"
	elif grep -q 'no matches for kind' "$work/said" && ! grep -q 'Error from server\|is invalid' "$work/said"; then
		echo "   left out: $name, of which this cluster does not know $(sed -n 's/.*no matches for kind "\([^"]*\)".*/\1/p' "$work/said" | tr '\n' ' ')"
	else
		die "the size $name is refused"
	fi
done

say "what is wrong is refused, and leaves nothing half done"
"$answerable" keys new --origin check.example/answerable --out "$work/keys" >/dev/null
k create secret generic keys --from-file="$work/keys" >/dev/null
k create secret generic database --from-literal=url="$owner@postgres/answerable?sslmode=disable" >/dev/null
k create secret generic nowhere --from-literal=url="$owner@postgres/nowhere?sslmode=disable" >/dev/null
values=(--set origin=check.example/answerable --set "webOrigins={http://words:8080,http://127.0.0.1:$port}" --set service.port=8080
	--set keys.existingSecret=keys --set database.existingSecret=database --set batchEvery=5s --set replicas=3)
current=("$chart" --set "$image" "${values[@]}")
wrong=(--set database.existingSecret=nowhere --set migrations.backoffLimit=0 --wait --timeout ${patience}s)

# says_why looks into the log of the Job that failed.
says_why() {
	k logs job/words-migrate >"$work/log"
	grep -q 'the database does not answer' "$work/log" || die "the Job that failed does not say why: $(cat "$work/log")"
	! grep -q 'never-in-a-log' "$work/log" || die "the Job's log has the database's password"
}
if h install words "${current[@]}" "${wrong[@]}"; then
	die "a release without its database was installed"
fi
says_why
left=$(kept words | grep -v '^job.batch/words-migrate$' || true)
[ -z "$left" ] || die "the release was half applied: $left"
h uninstall words --wait
k delete job words-migrate --ignore-not-found >/dev/null

say "helm install --wait: readiness by probe, the schema by the Job"
h install words "${current[@]}" --wait --timeout ${patience}s
[ "$(ready words)" = 3 ] || die "not every server is ready"
[ "$(psql answerable -c 'SELECT count(*) > 0 FROM bun_migrations')" = t ] || die "the Job has not brought the schema up to date"

say "an upgrade that goes wrong leaves the servers that run alone"
was=$(generation)
if h upgrade words "${current[@]}" "${wrong[@]}"; then
	die "an upgrade without its database went through"
fi
says_why
[ "$(generation)" = "$was" ] || die "the servers were changed although the Job failed"
if h upgrade words "${current[@]}" --set keys.existingSecret=missing --wait --timeout 20s; then
	die "an upgrade without its keys went through"
fi
[ "$(ready words)" = 3 ] || die "a secret that is missing took servers away"
h rollback words 1 --wait --timeout ${patience}s

say "a clinic for the canary, and its panel of one"
forward svc/words $port:8080
forward svc/postgres $((port + 1)):5432
export DATABASE_URL="$owner@127.0.0.1:$((port + 1))/answerable?sslmode=disable"
at=(--server "http://127.0.0.1:$port" --clinic canary --identity "$work/identity.txt")
a() { "$answerable" "$@" >"$work/said" || die "answerable $1 $2 failed"; }
a clinic add canary --name Canary --legal-notice Nothing.
a identity new --out "$work/identity.txt"
"$answerable" --json panel invite --clinic canary >"$work/invited"
a panel join --server "http://127.0.0.1:$port" --identity "$work/identity.txt" --invitation "$(sed -n 's/.*"invitation": *"\([^"]*\)".*/\1/p' "$work/invited")"
a panel manifest propose --clinic canary --m 1
list=$("$answerable" --json panel manifest draft "${at[@]}" | sed -n 's/.*"list": *"\([^"]*\)".*/\1/p')
a panel manifest sign --list "$list" "${at[@]}"
a epoch make "${at[@]}"
a epoch ack "${at[@]}"
echo '{"chosen":"By this check.","peers":"None.","paid":"Nobody.","barred":"Everybody.","more":""}' >"$work/charter.json"
a panel charter --file "$work/charter.json" "${at[@]}"
a panel support --open-without "${at[@]}"
a clinic edit canary --open

say "helm test: a sealed canary is told and read"
k create secret generic canary --from-file=identity.txt="$work/identity.txt" >/dev/null
values+=(--set canary.clinic=canary --set canary.existingSecret=canary --set canary.wait=90s)
current=("$chart" --set "$image" "${values[@]}" --set canary.plainHTTP=true)
h upgrade words "${current[@]}" --wait --timeout ${patience}s
h test words --timeout ${patience}s

say "a second release in the same namespace comes, works and goes, and the first does not notice"
"$answerable" keys new --origin voices.example/answerable --out "$work/voices" >/dev/null
k create secret generic voices-keys --from-file="$work/voices" >/dev/null
k create secret generic voices-database --from-literal=url="$owner@postgres/voices?sslmode=disable" >/dev/null
h install voices "$chart" --set "$image" --set origin=voices.example/answerable --set 'webOrigins={http://voices:8080}' --set service.port=8080 \
	--set keys.existingSecret=voices-keys --set database.existingSecret=voices-database --set replicas=1 --wait --timeout ${patience}s
h test voices --timeout ${patience}s
h test words --timeout ${patience}s
h uninstall voices --wait --timeout ${patience}s
k delete pod voices-canary --ignore-not-found >/dev/null # helm leaves what a test has made
[ -z "$(kept voices)" ] || die "the second release left: $(kept voices)"
[ "$(ready words)" = 3 ] || die "the second release took servers of the first along"

say "the network policy lets in and out what is named"
knock='sleep 5 # until the network knows a new pod
timeout 10 bash -c "exec 3<>/dev/tcp/words/8080"'
# The API server is reached from anywhere, and is not what a policy of the release names.
away='sleep 5
timeout 10 bash -c "exec 3<>/dev/tcp/kubernetes.default/443"'
of_release='app.kubernetes.io/name: answerable, app.kubernetes.io/instance: words'
h upgrade words "${current[@]}" --set-json 'networkPolicy.from=[{"podSelector":{"matchLabels":{"may":"call"}}}]' --wait --timeout ${patience}s
script guest 'may: call' "$knock
$away"
script stranger 'may: not' "$knock"
script outward "$of_release, app.kubernetes.io/component: notices" "$away"
ends guest Succeeded || die "whom the network policy lets in is kept out, or nobody reaches the API server from a pod"
ends stranger Failed || die "the cluster's network does not keep out whom the policy does not name"
ends outward Failed || die "what belongs to the release gets out to where the policy does not name"
h test words --timeout ${patience}s
h upgrade words "${current[@]}" --wait --timeout ${patience}s

say "under load: a page is asked for without a pause, and canaries are told and read"
script asks 'app: asks' 'sleep 5; asked=0 failed=0
trap "echo \$asked asked, \$failed failed; exit \$((failed > 0))" TERM
while :; do
	asked=$((asked + 1)) answer=
	if exec 3<>/dev/tcp/words/8080; then
		printf "GET /c/canary/tell HTTP/1.1\r\nHost: words\r\nConnection: close\r\n\r\n" >&3
		answer=$(timeout 10 cat <&3)
		exec 3>&-
	fi
	case "$answer" in
	"HTTP/1.1 200 "*"</html>"*) ;;
	*) failed=$((failed + 1)); echo "request $asked: ${answer:0:60}" ;;
	esac
done'
k wait --for=condition=ready pod/asks --timeout=${patience}s >/dev/null
k apply -f - >/dev/null <<END
apiVersion: batch/v1
kind: Job
metadata: {name: tells}
spec:
  completions: 24
  parallelism: 3
  backoffLimit: 0
  template:
    spec:
      automountServiceAccountToken: false
      restartPolicy: Never
      securityContext: {runAsNonRoot: true, runAsUser: 65532, fsGroup: 65532, seccompProfile: {type: RuntimeDefault}}
      containers:
        - name: tells
          image: $IMAGE
          args: [canary, --patience=30s, --server=http://words:8080, --clinic=canary, --identity=/identity/identity.txt, --wait=90s, --plain-http]
          $closed
          volumeMounts: [{name: identity, mountPath: /identity, readOnly: true}, {name: tmp, mountPath: /tmp}]
      volumes: [{name: identity, secret: {secretName: canary}}, {name: tmp, emptyDir: {}}]
END

# unharmed fails when the load has met an answer that was not good.
unharmed() {
	k logs pod/asks >"$work/log"
	[ ! -s "$work/log" ] || die "a request failed during $1: $(tail -n 3 "$work/log")"
	[ "$(k get job tells -o 'jsonpath={.status.failed}')" = "" ] || die "a canary failed during $1: $(k logs job/tells --tail=3)"
}

say "a rolling restart"
k rollout restart deploy/words >/dev/null
k rollout status deploy/words --timeout=${patience}s >/dev/null
unharmed "the restart"

say "a drained node: every server is evicted, no more at once than the budget has to spare"
refused=0
for pod in $(k get pods -l "app.kubernetes.io/instance=words,app.kubernetes.io/component=server" --field-selector=status.phase=Running -o 'jsonpath={.items[*].metadata.name}'); do
	until echo "{\"apiVersion\":\"policy/v1\",\"kind\":\"Eviction\",\"metadata\":{\"name\":\"$pod\",\"namespace\":\"$ns\"}}" |
		kubectl create --raw "/api/v1/namespaces/$ns/pods/$pod/eviction" -f - >/dev/null 2>"$work/said"; do
		! grep -q NotFound "$work/said" || break # it was ending already
		grep -q 'disruption budget' "$work/said" || die "$pod cannot be evicted"
		refused=$((refused + 1))
		[ $refused -lt $patience ] || die "the budget never lets $pod go"
		sleep 1
	done
done
[ $refused -gt 0 ] || die "all servers could be taken at once"
k rollout status deploy/words --timeout=${patience}s >/dev/null
unharmed "the evictions"

if [ -n "${BEFORE_CHART:-}" ]; then
	say "the chart of before, in its place, and this one again"
	h upgrade words "$BEFORE_CHART" --set "$before" "${values[@]}" --wait --timeout ${patience}s
	unharmed "the way back to the chart of before"
	h upgrade words "${current[@]}" --wait --timeout ${patience}s
	unharmed "the upgrade from the chart of before"
fi

say "rollback, and forward again"
h rollback words 1 --wait --timeout ${patience}s
[ "$(ready words)" = 3 ] || die "after the rollback not every server is ready"
unharmed "the rollback"
h upgrade words "${current[@]}" --wait --timeout ${patience}s
k exec asks -- bash -c 'kill -TERM 1'
ends asks Succeeded || die "a request failed: $(k logs asks --tail=3)"
echo "   $(k logs asks --tail=1)"
k wait --for=condition=complete job/tells --timeout=${patience}s >/dev/null || die "a canary was lost: $(k logs job/tells --tail=3)"
h test words --timeout ${patience}s

say "uninstall takes everything but the database and the secrets"
k delete job/tells pod/asks pod/guest pod/stranger pod/outward >/dev/null
h uninstall words --wait --timeout ${patience}s
[ -z "$(kept words)" ] || die "the release left: $(kept words)"
k get secret keys database >/dev/null
[ "$(psql answerable -c 'SELECT count(*) > 0 FROM clinic')" = t ] || die "the database is gone"

gone=1
say "the chart holds on $context"
