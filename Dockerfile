# Baton's images. Both run as user 65532 on a read-only root file system; a writable /tmp is a volume's matter.
#
#   docker build -t baton .                     the program, its libraries, certificates, time zones: nothing else
#   docker build -t baton:slim --target slim .  the same on Debian, for `command` steps that need programs
#
# `scripts/image` carries out the same steps without a Docker engine, and starts the results.

FROM debian:12-slim AS build
WORKDIR /src
COPY scripts/install-packages scripts/packages.txt scripts/
RUN apt-get update && scripts/install-packages scripts/packages.txt && \
    apt-get install -y --no-install-recommends ca-certificates
COPY . .
RUN scripts/build && strip --strip-unneeded -o /baton build/release/baton && \
    deploy/image/collect-root /baton /image

FROM debian:12-slim AS slim
COPY deploy/image/runtime-packages.txt /
RUN apt-get update && \
    grep -v "^#" /runtime-packages.txt | xargs apt-get install -y --no-install-recommends && \
    rm -rf /var/lib/apt/lists /runtime-packages.txt
COPY --from=build /baton /usr/bin/baton
COPY LICENSE /usr/share/doc/baton/copyright
USER 65532:65532
WORKDIR /etc/baton
ENTRYPOINT ["/usr/bin/baton"]
CMD ["run"]

FROM scratch AS final
COPY --from=build /image /
USER 65532:65532
WORKDIR /etc/baton
ENTRYPOINT ["/usr/bin/baton"]
CMD ["run"]
