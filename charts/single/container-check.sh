#!/bin/bash
# Builds the Dockerfile, starts compose.yaml as README.md says, opens a form in it, and takes it all away again:
# make container-check, with Docker or, by ENGINE=podman COMPOSE='docker compose' and DOCKER_HOST, with Podman. BUILD=true takes
# an image answerable:local that is here.
#
# It needs a registry for the images, or images of those names that are here already. It touches nothing but a project of its
# own, and leaves the images.
set -euo pipefail

die() { echo "container-check: $*" >&2; exit 1; }
say() { echo "== $*"; }

here=$(cd "$(dirname "$0")" && pwd)
engine=${ENGINE:-docker}
read -r -a compose <<<"${COMPOSE:-$engine compose}"
read -r -a build <<<"${BUILD:-$engine build}"
limit=$((40 << 20))

command -v "$engine" >/dev/null || die "$engine is not here. Install it, or name another: make container-check ENGINE=podman"
"$engine" info >/dev/null 2>&1 || die "$engine does not answer. Start it, or run this as somebody who may use it."
"${compose[@]}" version >/dev/null 2>&1 || die "${compose[*]} is not here. Install it, or name another: make container-check COMPOSE='docker compose'"

project=answerable-check-$RANDOM
work=$(mktemp -d)
finish() {
	status=$?
	if [ -n "${started:-}" ]; then
		[ $status = 0 ] || { cat "$work/up"; c logs 2>&1 | tail -40; } || true
		c down --volumes >/dev/null 2>&1 || true
	fi
	"$engine" volume rm "$project" >/dev/null 2>&1 || true
	rm -rf "$work"
	exit $status
}
trap finish EXIT

# A port that nothing listens on.
port=$((20000 + RANDOM % 10000))
while (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
url=http://localhost:$port
c() { (cd "$work" && "${compose[@]}" -p $project -f compose.yaml "$@"); }
server() { "$engine" ps -a -q --filter "label=com.docker.compose.project=$project" --filter label=com.docker.compose.service=server; }
inside() { "$engine" exec "$(server)" /usr/bin/answerable "$@"; }

say "the image: small, nobody's, and closed in"
"${build[@]}" -t answerable:local "$here/../.." >"$work/built" 2>&1 || { tail -20 "$work/built" >&2; die "the Dockerfile does not build"; }
size=$("$engine" image inspect -f '{{.Size}}' answerable:local)
[ "$size" -lt $limit ] || die "the image has $size bytes, more than $limit"
[ "$("$engine" image inspect -f '{{.Config.User}}' answerable:local)" = 65532:65532 ] || die "the image does not run as nobody"
alone=(run --rm --read-only --network none --cap-drop ALL)
"$engine" "${alone[@]}" answerable:local keys new --origin check.example/answerable --out /var/lib/answerable >/dev/null 2>&1 && die "a root that is read only can be written to"
"$engine" "${alone[@]}" -v "$project:/var/lib/answerable" answerable:local keys new --origin check.example/answerable --out /var/lib/answerable/keys >/dev/null || die "the image's own folder cannot be written to"

say "what README.md says makes its keys and starts it: $size bytes"
cp "$here/compose.yaml" "$work/"
sed -n '/^## In containers$/,/^## /s/^    //p' "$here/README.md" |
	sed "/compose up/,\$d; s|words.example.org/answerable|check.example/answerable|g; s|https://words.example.org|$url|; s|docker run|$engine run|" >"$work/steps"
[ "$(id -u)" != 0 ] || sed -i 's|^sudo ||' "$work/steps"
grep -q 'keys new' "$work/steps" || die "README.md does not say how to make the keys"
(cd "$work" && sh -eu "$work/steps" >/dev/null && echo "PORT=$port" >>.env)
started=yes
c up -d >"$work/up" 2>&1 || die "it does not start"
ready() {
	for _ in $(seq 90); do inside canary --server http://127.0.0.1:8080 >/dev/null 2>&1 && return; sleep 1; done
	die "the server does not become ready"
}
ready
inside migrate status | grep -q missing && die "the schema is not up to date"

say "a clinic, its panel of one, an open form, and words that are taken in"
id=$("$engine" create answerable:local)
"$engine" cp "$id:/usr/bin/answerable" "$work/answerable" >/dev/null
"$engine" rm "$id" >/dev/null
at=(--server "$url" --clinic riverside --identity "$work/me.txt")
a() { "$work/answerable" "$@" >"$work/said" 2>&1 || die "answerable $1 $2 failed: $(cat "$work/said")"; }
word() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p"; }
inside clinic add riverside --name Riverside --legal-notice Nothing. --url "$url" >/dev/null
a identity new --out "$work/me.txt"
a panel join --server "$url" --identity "$work/me.txt" --invitation "$(inside --json panel invite --clinic riverside | word invitation)"
inside panel manifest propose --clinic riverside --m 1 >/dev/null
a panel manifest sign --list "$("$work/answerable" --json panel manifest draft "${at[@]}" | word list)" "${at[@]}"
a epoch make "${at[@]}"
a epoch ack "${at[@]}"
echo '{"chosen":"By this check.","peers":"None.","paid":"Nobody.","barred":"Everybody.","more":""}' >"$work/charter.json"
a panel charter --file "$work/charter.json" "${at[@]}"
a panel support --open-without "${at[@]}"
inside clinic edit riverside --open >/dev/null
echo 'They listened.' | "$work/answerable" --json submit --server "$url" --clinic riverside | grep -q leaf_hash || die "words were not taken in"

say "the engine asks whether it is well"
state() { "$engine" inspect -f '{{.State.Health.Status}}' "$(server)" 2>/dev/null; }
for _ in $(seq 60); do [ "$(state)" = healthy ] && break; sleep 1; done
if [ "$(state)" != healthy ]; then
	# Without systemd Podman asks nobody.
	[ "$engine" = podman ] || die "the server is $(state)"
	say "Podman calls it $(state)"
fi

say "it ends within ten seconds, and goes on where it was"
began=$SECONDS
c stop server >/dev/null 2>&1
[ $((SECONDS - began)) -le 10 ] || die "stopping took $((SECONDS - began)) seconds"
[ "$("$engine" inspect -f '{{.State.ExitCode}}' "$(server)")" = 0 ] || die "it ended with an error"
c start server >/dev/null 2>&1
ready
echo 'Again.' | "$work/answerable" --json submit --server "$url" --clinic riverside | grep -q leaf_hash || die "after a restart words are not taken in"

say "down takes everything along"
c down --volumes >/dev/null 2>&1
started=
[ -z "$("$engine" ps -a -q --filter "label=com.docker.compose.project=$project")$("$engine" volume ls -q --filter "label=com.docker.compose.project=$project")" ] || die "something is left of $project"
say "the Dockerfile and compose.yaml hold with $("$engine" --version)"
