# The service for an external PostgreSQL: set DATABASE_URL.
FROM node:24-slim@sha256:a9f5f7c91a432850b2a8a7797adf5eadb6c733ceed61167806cee7ea7fbc29df AS build
WORKDIR /readout
# `npm ci` generates the Prisma client and compiles the sources (the script "prepare"), so it needs them all.
COPY . .
RUN npm ci

FROM node:24-slim@sha256:a9f5f7c91a432850b2a8a7797adf5eadb6c733ceed61167806cee7ea7fbc29df AS packages
WORKDIR /readout
COPY package.json package-lock.json .npmrc ./
# The embedded PostgreSQL and Prisma's command line are optional packages: neither has work to do here.
RUN npm ci --omit=dev --omit=optional --ignore-scripts && npm cache clean --force

FROM node:24-slim@sha256:a9f5f7c91a432850b2a8a7797adf5eadb6c733ceed61167806cee7ea7fbc29df
WORKDIR /readout
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000
COPY --from=packages /readout/node_modules node_modules
COPY --from=build /readout/dist dist
COPY --from=build /readout/prisma prisma
COPY --from=build /readout/seed seed
# Gives stack traces their lines.
COPY --from=build /readout/src src
COPY package.json ./
USER node
EXPOSE 4000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/ready`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--enable-source-maps", "--max-semi-space-size=16", "dist/main.js"]
