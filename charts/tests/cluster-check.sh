#!/bin/bash
# Puts the chart on the cluster of the current kubeconfig, in a namespace of its own that goes away afterwards, and tries
# there what only a cluster can show: make cluster-check IMAGE=REGISTRY/answerable:TAG
#
# It needs helm (3.14 or 4), kubectl and bin/answerable here; a cluster of version 1.30 or later, in which you may make
# namespaces; and an image of `make image` in a registry from which the cluster pulls. POSTGRES_IMAGE names the Postgres that
# is put up for it. It touches nothing outside its namespace.
set -euo pipefail

die() { echo "cluster-check: $*" >&2; exit 1; }
say() { echo "== $*"; }

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
case "$IMAGE" in
*@sha256:*) image=(--set "image.repository=${IMAGE%@*}" --set "image.digest=${IMAGE#*@}") ;;
*/*:*) image=(--set "image.repository=${IMAGE%:*}" --set "image.tag=${IMAGE##*:}") ;;
*) die "$IMAGE is no image with a tag or a digest. Give IMAGE=REGISTRY/answerable:TAG" ;;
esac

ns=answerable-check-$RANDOM$RANDOM
port=$((20000 + RANDOM % 10000))
work=$(mktemp -d)
forwards=()
finish() {
	status=$?
	for pid in "${forwards[@]}"; do kill "$pid" 2>/dev/null || true; done
	if [ $status != 0 ] && [ -z "${gone:-}" ]; then
		kubectl -n $ns get pods,jobs 2>/dev/null || true
		kubectl -n $ns get events --field-selector type=Warning 2>/dev/null | tail -20 || true
	fi
	rm -rf "$work"
	kubectl delete namespace $ns --ignore-not-found --wait=false >/dev/null || true
	exit $status
}
trap finish EXIT

k() { kubectl -n $ns "$@"; }
h() { helm -n $ns "$@"; }
psql() { k exec deploy/postgres -- psql -q -t -A -h 127.0.0.1 -U postgres "$@"; }

# forward makes a port of the cluster one of this machine until it is stopped. A pod that ends takes it along.
forward() {
	kubectl -n $ns port-forward --address 127.0.0.1 "$1" "$2" >"$work/forward" 2>&1 &
	forwards+=($!)
	for _ in $(seq 60); do
		grep -q '^Forwarding' "$work/forward" && return
		sleep 0.5
	done
	die "no port of $1 can be reached: $(cat "$work/forward")"
}

say "a namespace at the level restricted, and a Postgres, in $context"
kubectl create namespace $ns >/dev/null
kubectl label namespace $ns pod-security.kubernetes.io/enforce=restricted >/dev/null
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
psql -c 'CREATE ROLE answerable_clinic NOLOGIN' -c 'CREATE ROLE answerable_instance NOLOGIN' -c "CREATE ROLE answerable LOGIN PASSWORD 'check' IN ROLE answerable_clinic, answerable_instance" -c 'CREATE DATABASE answerable OWNER answerable' >/dev/null

say "what is wrong is refused, and leaves nothing half done"
"$answerable" keys new --origin check.example/answerable --out "$work/keys" >/dev/null
k create secret generic keys --from-file="$work/keys" >/dev/null
k create secret generic database --from-literal=url='postgres://answerable:check@postgres/answerable?sslmode=disable' >/dev/null
k create secret generic nowhere --from-literal=url='postgres://answerable:check@postgres/nowhere?sslmode=disable' >/dev/null
values=("${image[@]}" --set origin=check.example/answerable --set "webOrigins={http://words:8080,http://127.0.0.1:$port}" --set service.port=8080
	--set keys.existingSecret=keys --set database.existingSecret=database --set batchEvery=5s --set replicas=3)
if h install words "$chart" "${values[@]}" --set database.existingSecret=nowhere --set migrations.backoffLimit=0 --wait --timeout ${patience}s >/dev/null 2>&1; then
	die "a release without its database was installed"
fi
k logs job/words-migrate | grep -q 'the database does not answer' || die "the Job that failed does not say why"
[ -z "$(k get deploy words --ignore-not-found -o name)" ] || die "the release was half applied"
h uninstall words --wait >/dev/null
k delete job words-migrate --ignore-not-found >/dev/null

say "helm install --wait: readiness by probe, the schema by the Job"
h install words "$chart" "${values[@]}" --wait --timeout ${patience}s >/dev/null
[ "$(k get deploy words -o 'jsonpath={.status.readyReplicas}')" = 3 ] || die "not every server is ready"
[ "$(psql answerable -c 'SELECT count(*) > 0 FROM bun_migrations')" = t ] || die "the Job has not brought the schema up to date"

say "a clinic for the canary, and its panel of one"
forward svc/words $port:8080
forward svc/postgres $((port + 1)):5432
export DATABASE_URL="postgres://answerable:check@127.0.0.1:$((port + 1))/answerable?sslmode=disable"
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
h upgrade words "$chart" "${values[@]}" --wait --timeout ${patience}s >/dev/null
h test words --timeout ${patience}s >/dev/null

# load asks from several pods at once until it is through; one answer that is not good fails it. $3 is what each pod runs.
load() {
	k apply -f - >/dev/null <<END
apiVersion: batch/v1
kind: Job
metadata: {name: $1}
spec:
  completions: $2
  parallelism: 6
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      automountServiceAccountToken: false
      securityContext: {runAsNonRoot: true, runAsUser: 65532, fsGroup: 65532, seccompProfile: {type: RuntimeDefault}}
      containers:
        - name: load
          image: $IMAGE
          args: [$3]
          securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
          volumeMounts: [{name: identity, mountPath: /identity, readOnly: true}, {name: tmp, mountPath: /tmp}]
      volumes: [{name: identity, secret: {secretName: canary}}, {name: tmp, emptyDir: {}}]
END
}

say "a rolling restart under load, with no failed request"
load asks 120 "canary, --server=http://words:8080"
load tells 24 "canary, --server=http://words:8080, --clinic=canary, --identity=/identity/identity.txt, --wait=90s"
k rollout restart deploy/words >/dev/null
k rollout status deploy/words --timeout=${patience}s >/dev/null
running=$(k get job asks -o 'jsonpath={.status.succeeded}')
[ "${running:-0}" -lt 120 ] || die "the load was over before the restart was; make it longer"
for job in asks tells; do
	k wait --for=condition=complete job/$job --timeout=${patience}s >/dev/null || die "a request failed while the servers were restarted: kubectl logs job/$job said: $(k logs job/$job --tail=3)"
done

say "a drained node takes one server at a time"
[ "$(k get pdb words -o 'jsonpath={.status.disruptionsAllowed}')" -lt 3 ] || die "all servers may be taken at once"

say "rollback"
h rollback words 1 --wait --timeout ${patience}s >/dev/null
[ "$(k get deploy words -o 'jsonpath={.status.readyReplicas}')" = 3 ] || die "after the rollback not every server is ready"
h upgrade words "$chart" "${values[@]}" --wait --timeout ${patience}s >/dev/null
h test words --timeout ${patience}s >/dev/null

say "uninstall takes everything but the database and the secrets"
k delete job asks tells >/dev/null
h uninstall words --wait --timeout ${patience}s >/dev/null
left=$(k get deploy,svc,job,cm,sa,pdb,hpa,networkpolicy,ingress -l app.kubernetes.io/instance=words -o name)
[ -z "$left" ] || die "the release left: $left"
k get secret keys database >/dev/null
[ "$(psql answerable -c 'SELECT count(*) > 0 FROM clinic')" = t ] || die "the database is gone"

gone=1
say "the chart holds on $context"
