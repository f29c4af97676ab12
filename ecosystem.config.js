// azak under PM2: npx pm2 start ecosystem.config.js   (the database migrates with: .venv/bin/azak db migrate)
//
// The interpreter stands here itself: under `uv run` a restart kills requests in flight and PM2 measures uv's
// memory instead of Python's (docs/operations.md). Settings are not here: every process reads them from .env, and its
// secrets from azak.env in the data directory (0600). With an external PostgreSQL (AZAK_DATABASE_URL in .env):
// npx pm2 start ecosystem.config.js --only azak-api,azak-scheduler
const path = require("path");

const root = __dirname;
const logs = path.join(root, "logs");

// `pm2 save` writes the environment of each process into a file that everybody may read (0644, measured).
const exported = Object.keys(process.env).filter((name) => name.startsWith("AZAK_") && name !== "AZAK_ENV_FILE");
if (exported.length > 0)
  throw new Error(`PM2 would keep ${exported.join(", ")} where everybody may read it: write it into .env and unset it.`);
const place = process.env.AZAK_ENV_FILE ? { AZAK_ENV_FILE: process.env.AZAK_ENV_FILE } : {};

// What all processes share: plain fork mode (cluster mode is for Node), delays that grow when one dies again and again.
const app = (name, module, options) => ({
  name,
  script: path.join(root, ".venv/bin/python"),
  args: `-m ${module}`,
  interpreter: "none",
  exec_mode: "fork",
  cwd: root,
  out_file: path.join(logs, `${name}.log`),
  error_file: path.join(logs, `${name}.error.log`),
  merge_logs: true,
  exp_backoff_restart_delay: 500,
  // Each process writes its lines itself, and begins a new file at 10 MB; PM2 keeps what else it prints.
  filter_env: ["AZAK_"],
  env: { ...place, AZAK_LOG_FILE: path.join(logs, `${name}-{instance}.jsonl`), PYTHONDONTWRITEBYTECODE: "" }, // common in containers; without byte code torch takes 18 s instead of 8 s
  ...options,
});

module.exports = {
  apps: [
    // SIGINT is PostgreSQL's fast shutdown; treekill would signal its children behind its back.
    app("azak-db", "backend.db.embedded", { kill_timeout: 30000, treekill: false }),
    // Both instances bind one port (SO_REUSEPORT) and are restarted one by one, the next when this one is ready.
    app("azak-api", "backend.main", {
      instances: 2,
      wait_ready: true,
      listen_timeout: 20000,
      kill_timeout: 10000,
      max_memory_restart: "400M",
    }),
    // One instance: a second one, here or on another machine, would stand by. PM2 counts this process alone;
    // the model process is its child and is watched by it. treekill would take that child away mid-stop.
    app("azak-scheduler", "backend.scheduler_main", {
      instances: 1,
      kill_timeout: 30000,
      max_memory_restart: "1G",
      treekill: false,
    }),
  ],
};
