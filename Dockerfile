# The image of one app:  docker build --build-arg APP=gateway --tag sallyport/gateway:0.1.0 .
# APP is a workspace package without its scope: gateway, auth-service, orders-service, billing-service, dev-ca, cluster-secrets or
# secret-publisher.

# Builds: Debian 13 with Node.js 24 and npm.
ARG NODE_IMAGE=docker.io/library/node:24-trixie-slim@sha256:8ec5d7557396cfe32d21c3f9c13072355ceab22b584578ca4bb28af31120cffe
# Runs: the same C library and Node.js, and neither a shell nor a package manager.
ARG RUNTIME_IMAGE=gcr.io/distroless/nodejs24-debian13:nonroot@sha256:774b7d020b24214835769e24c3544835526cd0288f0b094eae48e8b2c2429a79

# What decides about dependencies, by itself: a change of a source leaves the layers of the installations as they are.
FROM ${NODE_IMAGE} AS manifests
COPY . /src
RUN ["node", "/src/docker/image/copy-manifests.mjs", "/src", "/manifests"]

# All apps are built once, for all images.
FROM ${NODE_IMAGE} AS build
WORKDIR /src
COPY --from=manifests /manifests .
RUN --mount=type=cache,target=/root/.npm,sharing=locked npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npx tsc --build apps/* certs tools/cluster-secrets tools/secret-publisher
# What was made of it, apart from what making it took: the next stage is given all that it looks at.
RUN mkdir /built && cp --recursive --parents --target-directory /built LICENSE docker/image \
    apps/*/package.json apps/*/dist libs/*/package.json libs/*/dist certs/package.json certs/dist \
    tools/cluster-secrets/package.json tools/cluster-secrets/dist \
    tools/secret-publisher/package.json tools/secret-publisher/dist

FROM ${NODE_IMAGE} AS app
ARG APP
WORKDIR /src
COPY --from=manifests /manifests .
RUN --mount=type=cache,target=/root/.npm,sharing=locked \
    npm ci --omit=dev --ignore-scripts --no-audit --no-fund --workspace "@sallyport/${APP}"
COPY --from=build /built /built
RUN node /built/docker/image/assemble.mjs "${APP}" /built /src /out

FROM ${RUNTIME_IMAGE}
ARG APP
ARG VERSION=0.1.0
ARG REVISION=
ARG CREATED=
LABEL org.opencontainers.image.title="sallyport/${APP}" \
      org.opencontainers.image.description="${APP} of Sallyport, a zero-trust microservice system" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
# Where distroless has its Node.js, and where others have theirs.
ENV PATH=/nodejs/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    NODE_ENV=production
WORKDIR /app
# Root's, so that the app cannot change itself even where the root file system is writable.
COPY --from=app /out/app .
# What the jobs keep in volumes; a new volume takes its owner from here. Empty in the images of services.
COPY --from=app --chown=65532:65532 /out/state /var/lib/sallyport
USER 65532:65532
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["node", "/app/health.mjs"]
ENTRYPOINT ["node"]
# A link to the app's own entry, so that one Dockerfile serves all of them: node is PID 1 and handles the signals.
CMD ["/app/main.js"]
