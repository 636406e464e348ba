// Bench room, the bare side. Bundles the bare workflows ahead of time, as the product's are.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

const quiet = (): void => undefined;
const warn = (...parts: unknown[]): void => {
  process.stderr.write(`${parts.map(String).join(' ')}\n`);
};

const workflows = fileURLToPath(new URL('bare-workflows.js', import.meta.url));
const { code } = await bundleWorkflowCode({
  workflowsPath: workflows,
  preloadModules: [workflows],
  logger: { log: quiet, trace: quiet, debug: quiet, info: quiet, warn, error: warn },
});
writeFileSync(fileURLToPath(new URL('bare-bundle.js', import.meta.url)), code);
