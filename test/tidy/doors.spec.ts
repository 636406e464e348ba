// Tidy room. Goal: each door of .dependency-cruiser.cjs refuses what it says. Method: a small tree with the real
// package.json files (so the real exports maps) and one forbidden import per file, cruised once by the real tool.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from './repository.js';

const BIN = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
const CONFIG = join(root, '.dependency-cruiser.cjs');

/** [file, its source, the rule that must refuse it] */
const FORBIDDEN: readonly (readonly [string, string, string])[] = [
  ['libs/domain/src/a/contracts.ts', `import '@fairmeter/contracts';`, 'domain-rooms'],
  ['libs/domain/src/a/types.ts', `import type { X } from '@fairmeter/ledger'; export type Y = X;`, 'domain-rooms'],
  ['libs/domain/src/a/relative.ts', `import '../../../ledger/src/index.js';`, 'domain-rooms'],
  ['libs/domain/src/a/room.spec.ts', `import '@fairmeter/records';`, 'domain-rooms'],
  ['libs/domain/src/a/npm.ts', `import 'ulid';`, 'domain-packages'],
  ['libs/domain/src/a/calendar.ts', `import 'temporal-polyfill';`, 'domain-packages'],
  ['libs/domain/src/a/node.ts', `import { randomUUID } from 'node:crypto'; export { randomUUID };`, 'domain-no-node'],
  ['libs/domain/src/time/luxon.ts', `import 'luxon';`, 'domain-time-packages'],
  ['libs/contracts/src/a/ledger.ts', `import '@fairmeter/ledger';`, 'contracts-rooms'],
  ['libs/contracts/src/a/nest.ts', `import '@nestjs/common';`, 'contracts-packages'],
  ['libs/contracts/src/a/node.ts', `import 'node:fs';`, 'contracts-no-node'],
  [
    'libs/workflows/src/a/activities.ts',
    `import type { X } from '@fairmeter/activities'; export type Y = X;`,
    'workflows-rooms',
  ],
  ['libs/workflows/src/a/platform.ts', `import '@fairmeter/platform';`, 'workflows-rooms'],
  ['libs/workflows/src/a/client.ts', `import '@temporalio/client';`, 'workflows-packages'],
  ['libs/workflows/src/a/node.ts', `import 'node:util';`, 'workflows-no-node'],
  ['libs/workflows/src/a/calendar.ts', `import '@fairmeter/domain';`, 'workflows-no-calendar'],
  ['libs/ledger/src/a/records.ts', `import '@fairmeter/records';`, 'ledger-rooms'],
  ['libs/ledger/src/a/api.ts', `import '../../../../apps/api/src/main.js';`, 'ledger-rooms'],
  ['libs/ledger/src/a/temporal.ts', `import '@temporalio/client';`, 'ledger-packages'],
  ['libs/ledger/src/a/connection.ts', `import '@fairmeter/platform/temporal';`, 'stores-no-temporal'],
  ['libs/records/src/a/ledger.ts', `import '@fairmeter/ledger';`, 'records-rooms'],
  ['libs/records/src/a/nest.ts', `import '@nestjs/common';`, 'records-packages'],
  ['libs/records/src/a/connection.ts', `import '@fairmeter/platform/temporal';`, 'stores-no-temporal'],
  ['libs/providers/src/a/ledger.ts', `import '@fairmeter/ledger';`, 'providers-rooms'],
  ['libs/providers/src/a/temporal.ts', `import '@temporalio/activity';`, 'providers-packages'],
  ['libs/platform/src/a/domain.ts', `import '@fairmeter/domain';`, 'platform-rooms'],
  ['libs/platform/src/a/undeclared.ts', `import 'luxon';`, 'declare-what-you-import'],
  ['libs/activities/src/a/workflows.ts', `import '@fairmeter/workflows';`, 'activities-rooms'],
  ['libs/activities/src/a/api.ts', `import '../../../../apps/api/src/main.js';`, 'activities-rooms'],
  ['libs/activities/src/a/sql.ts', `import 'pg';`, 'activities-packages'],
  ['apps/api/src/a/ledger.ts', `import '@fairmeter/ledger';`, 'api-rooms'],
  ['apps/api/src/a/ledger-type.ts', `import type { X } from '@fairmeter/ledger'; export type Y = X;`, 'api-rooms'],
  ['apps/api/src/a/activities.ts', `import '@fairmeter/activities';`, 'api-rooms'],
  ['apps/api/src/a/workflows.ts', `import '@fairmeter/workflows';`, 'api-rooms'],
  ['apps/api/src/a/deep.ts', `import '@fairmeter/ledger/store';`, 'no-unresolvable'],
  ['apps/api/src/a/sql.ts', `import 'pg';`, 'api-packages'],
  ['apps/api/src/a/workflow-sdk.ts', `import '@temporalio/workflow';`, 'api-packages'],
  ['apps/api/src/a/harness.ts', `import '../../../../test/harness/stack.js';`, 'no-tests-in-production'],
  ['apps/api/src/a/spec.ts', `import './other.spec.js';`, 'no-tests-in-production'],
  ['apps/api/src/a/other.spec.ts', `export const other = 1;`, ''],
  ['apps/worker/src/a/api.ts', `import '../../../api/src/main.js';`, 'worker-rooms'],
  ['apps/worker/src/a/workflows.ts', `import '@fairmeter/workflows';`, 'worker-rooms'],
  ['apps/worker/src/a/sql.ts', `import 'typeorm';`, 'worker-packages'],
  ['apps/cli/src/a/activities.ts', `import '@fairmeter/activities';`, 'cli-rooms'],
  ['apps/cli/src/a/worker.ts', `import '@temporalio/worker';`, 'cli-packages'],
  ['apps/dashboard/src/a/domain.ts', `import '@fairmeter/domain';`, 'dashboard-rooms'],
  ['libs/ledger/src/a/circle-one.ts', `import './circle-two.js';`, 'no-circular'],
  ['libs/ledger/src/a/circle-two.ts', `import type { X } from './circle-three.js'; export type Y = X;`, ''],
  ['libs/ledger/src/a/circle-three.ts', `import './circle-one.js'; export type X = 1;`, ''],
  ['libs/ledger/src/a/nobody.ts', `export const nobody = 1;`, 'no-orphans'],
];

/** What the table of the design allows, one line per door that is opened on purpose. */
const ALLOWED: Readonly<Record<string, string>> = {
  'libs/domain/src/index.ts': `export * from './time/calendar.js'; export * from './time/instant.js';`,
  'libs/domain/src/time/calendar.ts': `import 'temporal-polyfill'; export const calendar = 1;`,
  'libs/domain/src/time/instant.ts': `export const instant = 1;`,
  'libs/domain/src/time/instant.spec.ts': `import 'fast-check'; import 'node:fs'; import './instant.js';`,
  'libs/contracts/src/index.ts':
    `import '@temporalio/common'; import '@temporalio/workflow'; ` + `import '@fairmeter/domain';`,
  'libs/workflows/src/index.ts': `import '@temporalio/workflow';`,
  'libs/workflows/src/b/instant.ts': `import '../../../domain/src/time/instant.js'; import '@temporalio/workflow';`,
  'libs/ledger/src/index.ts': `import 'pg'; import 'typeorm'; import 'node:crypto'; import '@fairmeter/platform';`,
  'libs/ledger/src/reads/index.ts': `import '@fairmeter/domain';`,
  'libs/records/src/index.ts': `import 'typeorm'; import '@fairmeter/platform/database';`,
  'libs/providers/src/index.ts':
    `import 'eventsource-parser'; ` + `import type { X } from '@fairmeter/domain'; export type Y = X;`,
  'libs/platform/src/index.ts': `import 'pino'; import 'node:os';`,
  'libs/platform/src/database/index.ts': `import 'pg';`,
  'libs/platform/src/temporal/index.ts': `import '@temporalio/client';`,
  'libs/activities/src/index.ts':
    `import '@temporalio/activity'; import '@fairmeter/contracts'; import '@fairmeter/ledger'; ` +
    `import '@fairmeter/records'; import '@fairmeter/providers';`,
  'apps/api/src/main.ts': `import '@fairmeter/ledger/reads'; import '@fairmeter/records'; import '@temporalio/client';`,
  'apps/worker/src/main.ts':
    `import '@fairmeter/activities'; import '@fairmeter/platform'; ` + `import '@temporalio/worker';`,
  'apps/cli/src/main.ts': `import '@fairmeter/ledger'; import '@fairmeter/records'; import '@fairmeter/contracts';`,
  'test/harness/stack.ts': `export const stack = 1;`,
};

const PACKAGES = [
  ...['@nestjs/common', '@temporalio/activity', '@temporalio/client', '@temporalio/common', '@temporalio/worker'],
  ...['@temporalio/workflow', 'eventsource-parser', 'fast-check', 'luxon', 'pg', 'pino', 'temporal-polyfill'],
  ...['typeorm', 'ulid'],
];

interface Violation {
  readonly from: string;
  readonly rule: { readonly name: string };
}

let tree = '';
let violations: readonly Violation[] = [];

function write(path: string, text: string): void {
  const target = join(tree, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text);
}

function plantWorkspaces(): void {
  mkdirSync(join(tree, 'node_modules/@fairmeter'), { recursive: true });
  copyFileSync(join(root, 'package.json'), join(tree, 'package.json'));
  for (const group of ['libs', 'apps']) {
    for (const room of readdirSync(join(root, group))) {
      mkdirSync(join(tree, group, room), { recursive: true });
      copyFileSync(join(root, group, room, 'package.json'), join(tree, group, room, 'package.json'));
      symlinkSync(join(tree, group, room), join(tree, 'node_modules/@fairmeter', room));
    }
  }
  // The domain declares its calendar here as it will where it uses it, so that only doors are under test.
  write('libs/domain/package.json', domainWithCalendar());
  for (const name of PACKAGES) {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' }));
    write(`node_modules/${name}/index.js`, 'module.exports = {};');
  }
}

function domainWithCalendar(): string {
  const manifest = createRequire(import.meta.url)(join(root, 'libs/domain/package.json')) as Record<string, unknown>;
  return JSON.stringify({ ...manifest, dependencies: { 'temporal-polyfill': '*' } });
}

function cruise(): readonly Violation[] {
  const folders = ['apps', 'libs', 'test'];
  const run = spawnSync(process.execPath, [BIN, '--config', CONFIG, '--output-type', 'json', ...folders], {
    cwd: tree,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (run.stdout === '') throw new Error(`dependency-cruiser wrote nothing: ${run.stderr}`);
  return (JSON.parse(run.stdout) as { summary: { violations: Violation[] } }).summary.violations;
}

const rulesAt = (file: string): string[] => violations.filter(({ from }) => from === file).map(({ rule }) => rule.name);

beforeAll(() => {
  tree = realpathSync(mkdtempSync(join(tmpdir(), 'doors-')));
  plantWorkspaces();
  for (const [file, source] of FORBIDDEN) write(file, source);
  for (const [file, source] of Object.entries(ALLOWED)) write(file, source);
  violations = cruise();
});

afterAll(() => {
  rmSync(tree, { recursive: true, force: true });
});

describe('the doors between rooms', () => {
  it.each(FORBIDDEN.filter(([, , rule]) => rule !== ''))('%s | %s | is refused by %s', (file, _source, rule) => {
    expect(rulesAt(file)).toContain(rule);
  });

  it.each(Object.keys(ALLOWED))('%s passes every door', (file) => {
    expect(rulesAt(file)).toEqual([]);
  });

  it('gives a reason with every rule, and every rule is shown by a file above', () => {
    const { forbidden } = createRequire(import.meta.url)(CONFIG) as { forbidden: { name: string; comment?: string }[] };
    const shown = new Set(FORBIDDEN.map(([, , rule]) => rule));
    expect(forbidden.filter(({ comment = '' }) => comment.length < 40)).toEqual([]);
    expect(forbidden.map(({ name }) => name).filter((name) => !shown.has(name))).toEqual([]);
  });
});
