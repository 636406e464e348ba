// Worker. Builds the workflow bundle once, ahead of time, so that no process pays for webpack at its start.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

const dist = (room: string): string => fileURLToPath(new URL(`../../../libs/${room}/dist`, import.meta.url));
const target = join(dist('workflows'), 'workflow-bundle.js');
const stamp = `${target}.sha256`;

const workflows = join(dist('workflows'), 'index.js');

/** What goes into the bundle, and this file, which makes it: when none of it changed, neither did the bundle. */
const rooms = ['domain', 'contracts', 'workflows'].flatMap((room) => filesBelow(dist(room)));
const sources = [...rooms, fileURLToPath(import.meta.url)];
const digest = createHash('sha256');
for (const file of sources) digest.update(readFileSync(file));
const key = digest.digest('hex');

if (!existsSync(target) || !existsSync(stamp) || readFileSync(stamp, 'utf8') !== key) {
  const { code } = await bundleWorkflowCode({
    workflowsPath: workflows,
    // Evaluated once for all workflows of a thread, as no module keeps anything (decision 0064).
    preloadModules: [workflows],
    logger: { log: quiet, trace: quiet, debug: quiet, info: quiet, warn: report, error: report },
  });
  // Renamed into place: a worker that starts at this moment reads the old bundle or the new one, never half of one.
  writeFileSync(`${target}.new`, code);
  renameSync(`${target}.new`, target);
  writeFileSync(stamp, key);
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .sort()
    .flatMap((path) => (statSync(path).isDirectory() ? filesBelow(path) : [path]))
    .filter((path) => path.endsWith('.js') && !path.endsWith('workflow-bundle.js'));
}

function quiet(): void {
  // The bundler tells what it does; only what it warns of matters here.
}

function report(...parts: unknown[]): void {
  process.stderr.write(`${parts.map(String).join(' ')}\n`);
}
