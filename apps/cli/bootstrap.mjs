// What every npm script runs first: plain JavaScript without dependencies, since there may be none yet. Promises
// installed packages that match the lockfile and a build that matches the sources, also when two scripts start at
// once; then hands over to the built command line.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const state = join(root, '.fairmeter');
const lockFile = join(state, 'setup.lock');
const setupLog = join(state, 'setup.log');
const installStamp = join(root, 'node_modules', '.fairmeter-lock');
const buildStamp = join(root, 'node_modules', '.fairmeter-build');
const builtMain = join(root, 'apps', 'cli', 'dist', 'main.js');

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(`Fairmeter needs Node 20.19 or newer; this is Node ${process.versions.node}.`);
  process.exit(1);
}

function sha256(text) {
  return createHash('sha256').update(text).digest('hex');
}

function readOrEmpty(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

function lockHash() {
  return sha256(readFileSync(join(root, 'package-lock.json')));
}

function isInstalled() {
  return readOrEmpty(installStamp) === lockHash();
}

// npm writes its own record at the end of every install. One that is newer than the lockfile was made from it.
function adoptInstall() {
  const record = join(root, 'node_modules', '.package-lock.json');
  if (existsSync(installStamp) || !existsSync(record)) return;
  if (statSync(record).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs) {
    writeFileSync(installStamp, lockHash());
  }
}

// Sizes and times of the sources, not their texts: it takes milliseconds, and a touched file only means one more build.
function sourcesHash() {
  const lines = [lockHash()];
  const visit = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (!['node_modules', 'dist', 'coverage'].includes(entry.name)) visit(path);
      } else if (/(?<!\.spec)\.tsx?$|^(package|tsconfig.*)\.json$/.test(entry.name)) {
        const { size, mtimeMs } = statSync(path);
        lines.push(`${path} ${size} ${mtimeMs}`);
      }
    }
  };
  for (const folder of ['apps', 'libs']) visit(join(root, folder));
  for (const file of readdirSync(root))
    if (/^tsconfig.*\.json$/.test(file)) lines.push(readFileSync(join(root, file), 'utf8'));
  return sha256(lines.sort().join('\n'));
}

function isBuilt() {
  return existsSync(builtMain) && readOrEmpty(buildStamp) === sourcesHash();
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

// A holder that died without a goodbye is recognised by its pid, and by age where the pid was given to somebody else.
function lockIsStale() {
  try {
    const pid = Number(readFileSync(lockFile, 'utf8'));
    return pid > 0 ? !isAlive(pid) : Date.now() - statSync(lockFile).mtimeMs > 2_000;
  } catch {
    return false;
  }
}

async function withSetupLock(work) {
  mkdirSync(state, { recursive: true });
  let told = false;
  for (;;) {
    try {
      writeFileSync(lockFile, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (lockIsStale()) rmSync(lockFile, { force: true });
    else {
      if (!told) console.log('waiting for another script of this checkout, which is setting it up');
      told = true;
      await sleep(200);
    }
  }
  try {
    await work();
  } finally {
    rmSync(lockFile, { force: true });
  }
}

// The output goes to a log, the terminal gets one line now and then: an install can be long, but is rarely interesting.
function run(what, command, args, options = {}) {
  const started = performance.now();
  const seconds = () => Math.round((performance.now() - started) / 1000);
  console.log(`${what} ...`);
  const log = openSync(setupLog, 'w');
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', log, log], ...options });
  closeSync(log);
  const ticker = setInterval(() => console.log(`${what}: ${seconds()} s`), 10_000);
  return new Promise((resolve, reject) => {
    const forward = (signal) => child.kill(signal);
    process.on('SIGINT', forward).on('SIGTERM', forward);
    const settle = (end) => {
      clearInterval(ticker);
      process.off('SIGINT', forward).off('SIGTERM', forward);
      end();
    };
    child.once('error', (error) => settle(() => reject(error)));
    child.once('exit', (code) =>
      settle(() => {
        if (code === 0) resolve(console.log(`${what}: done in ${seconds()} s`));
        else reject(new SetupError(`${what} failed (exit code ${code}):\n${tail(setupLog)}`));
      }),
    );
  });
}

class SetupError extends Error {}

function tail(path) {
  return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-40).join('\n');
}

// An install replaces the programs of a running Postgres under its feet; it would fail at its next library call.
function refuseUnderRunningStack() {
  for (const name of readdirSync(state).filter((one) => one.endsWith('.lock') && one !== 'setup.lock')) {
    const { pid, born, purpose } = readHolder(join(state, name));
    if (!(pid > 0) || !isAlive(pid) || !wasBorn(pid, born)) continue;
    throw new SetupError(
      `the lockfile has changed and packages must be installed, but ${purpose} runs as process ${pid}: stop it first`,
    );
  }
}

function readHolder(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return {};
  }
}

// Where Linux tells the start time of a process, a pid that was given to another one since is recognised by it.
function wasBorn(pid, born) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return String(born).endsWith(`:${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`);
  } catch {
    return true;
  }
}

async function install() {
  refuseUnderRunningStack();
  // Started by an npm script, the same npm does the install; started by hand, the one on PATH.
  const npm = process.env.npm_execpath;
  const [command, args] = npm?.endsWith('.js') ? [process.execPath, [npm, 'ci']] : ['npm', ['ci']];
  await run('installing packages from the lockfile', command, args, { shell: process.platform === 'win32' });
  writeFileSync(installStamp, lockHash());
}

async function build() {
  const hash = sourcesHash();
  await run('building', process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-b']);
  const bundler = join(root, 'apps', 'worker', 'dist', 'bundle.js');
  if (existsSync(bundler)) await run('bundling the workflows', process.execPath, [bundler]);
  writeFileSync(buildStamp, hash);
}

async function prepare() {
  adoptInstall();
  if (isInstalled() && isBuilt()) return;
  await withSetupLock(async () => {
    adoptInstall();
    if (!isInstalled()) await install();
    if (!isBuilt()) await build();
  });
}

checkNode();
try {
  await prepare();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  process.exit(1);
}
if (process.argv[2] !== 'build') await import(new URL('dist/main.js', import.meta.url).href);
