// Two kinds of suites. `server` are the spec files that need Postgres or Temporal: all under `test/` (but for
// `test/tidy` and `test/loops`), `apps/`, `libs/ledger`, `libs/records`, `libs/activities`, and any file that ends in
// `.server.spec.ts`; `pure` is everything else. Of both, those that end in `.timed.spec.ts` say how long something
// may take: they run one at a time, while no other suite runs. `npm test` runs all, `npm run test:pure` the pure ones.

const here = import.meta.dirname.replace(/[^\w/]/g, '\\$&');
const serverSpecs = (ending) => [
  `\\.server${ending}`,
  `^${here}/apps/.*${ending}`,
  `^${here}/libs/(ledger|records|activities)/.*${ending}`,
  `^${here}/test/(?!(?:tidy|loops)[./]).*${ending}`,
];
const ANY = '\\.spec\\.ts$';
const TIMED = '\\.timed\\.spec\\.ts$';

const project = {
  rootDir: import.meta.dirname,
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/test'],
  // A realm for each suite, and in it every module anew; what files alone decide is kept (decision 0068).
  testEnvironment: './test/harness/plain-globals.js',
  runtime: './test/harness/compiled-once.js',
  // The exports maps of the workspaces are the one alias table: this condition points them at TypeScript sources.
  // Jest adds `import` or `require`, and `default`, according to how a module is loaded.
  testEnvironmentOptions: { customExportConditions: ['fairmeter-source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  // TypeScript sources import each other by the name of the built file; inside packages the second form is found.
  // fast-check draws from one seed in every suite.
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': ['$1.ts', '$1.js'],
    '^fast-check$': '<rootDir>/test/harness/seeded-fast-check.js',
  },
  modulePathIgnorePatterns: ['<rootDir>/.*/dist/', '<rootDir>/\\.fairmeter/'],
  transformIgnorePatterns: ['/node_modules/', '/dist/'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
};

const outside = ['/node_modules/', '/dist/'];
const alone = { runner: './test/harness/one-at-a-time.js' };

// A database and a namespace of its own for every suite: two at a time share one Postgres and one Temporal server, and
// nothing else. Many more would share its connections too.
const AT_ONCE = 2;

// Each suite leaves its modules behind in the process that ran it: one that has grown is replaced before the next,
// or the last suites of a long run would spend their time collecting what the first ones left.
const WORKER_MEMORY = '1500MB';

export default {
  maxWorkers: AT_ONCE,
  testSequencer: './test/harness/longest-first.js',
  workerIdleMemoryLimit: WORKER_MEMORY,
  projects: [
    {
      ...project,
      displayName: 'pure',
      testMatch: ['**/*.spec.ts'],
      testPathIgnorePatterns: [...outside, ...serverSpecs(ANY), TIMED],
    },
    {
      ...project,
      ...alone,
      displayName: 'pure-timed',
      testMatch: ['**/*.timed.spec.ts'],
      testPathIgnorePatterns: [...outside, ...serverSpecs(TIMED)],
    },
    {
      ...project,
      displayName: 'server',
      testRegex: serverSpecs(ANY),
      testPathIgnorePatterns: [...outside, TIMED],
    },
    {
      ...project,
      ...alone,
      displayName: 'server-timed',
      testRegex: serverSpecs(TIMED),
      testPathIgnorePatterns: outside,
    },
  ],
};
