# For those who build with Docker or Podman: docker build -t answerable:local .
# It takes two images from a registry; `make image` needs none and makes the same bytes each time, so prefer that.

# The page scripts and the style sheet, as make builds them.
FROM docker.io/library/node:22-bookworm-slim AS ui
WORKDIR /src
COPY ui/package.json ui/package-lock.json ui/
RUN cd ui && npm ci --ignore-scripts --no-audit --no-fund
COPY ui ui
RUN cd ui && npm run --silent build

# The program of make image, to the byte where Go has the same version: static, so that nothing else is needed beside it.
FROM docker.io/library/golang:1.26-bookworm AS program
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY cmd/answerable cmd/answerable
COPY internal internal
COPY migrations migrations
COPY ui/ui.go ui/ui.go
COPY ui/templates ui/templates
COPY ui/locales ui/locales
COPY ui/styles ui/styles
COPY --from=ui /src/ui/static ui/static
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags='-s -w -buildid=' -o bin/image/answerable ./cmd/answerable
RUN mkdir /memory

# Nothing but the program and the certificates it trusts, run by nobody.
FROM scratch
COPY --from=program /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=program /src/bin/image/answerable /usr/bin/answerable
COPY --from=program --chown=65532:65532 /memory /var/lib/answerable
ENV ANSWERABLE_ADDR=:8080
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/usr/bin/answerable"]
CMD ["serve"]
