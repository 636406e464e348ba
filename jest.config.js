// Two projects, one rule. `server` holds the spec files that need Postgres or Temporal: all under `test/` (but for
// `test/tidy` and `test/loops`), `apps/`, `libs/ledger`, `libs/records`, `libs/activities`, and any file ending in
// `.server.spec.ts`. `pure` is everything else. `npm test` runs both, `npm run test:pure` runs `pure`.

const here = import.meta.dirname.replace(/[^\w/]/g, '\\$&');
const serverSpecs = [
  '\\.server\\.spec\\.ts$',
  `^${here}/apps/.*\\.spec\\.ts$`,
  `^${here}/libs/(ledger|records|activities)/.*\\.spec\\.ts$`,
  `^${here}/test/(?!(?:tidy|loops)[./]).*\\.spec\\.ts$`,
];

const project = {
  rootDir: import.meta.dirname,
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/test'],
  testEnvironment: 'node',
  // The exports maps of the workspaces are the one alias table: this condition points them at TypeScript sources.
  // Jest adds `import` or `require`, and `default`, according to how a module is loaded.
  testEnvironmentOptions: { customExportConditions: ['fairmeter-source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  // TypeScript sources import each other by the name of the built file; inside packages the second form is found.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': ['$1.ts', '$1.js'] },
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

// Each suite leaves its modules behind in the process that ran it: one that has grown is replaced before the next,
// or the last suites of a long run would spend their time collecting what the first ones left.
const WORKER_MEMORY = '1500MB';

export default {
  workerIdleMemoryLimit: WORKER_MEMORY,
  projects: [
    {
      ...project,
      displayName: 'pure',
      testMatch: ['**/*.spec.ts'],
      testPathIgnorePatterns: ['/node_modules/', '/dist/', ...serverSpecs],
    },
    {
      ...project,
      displayName: 'server',
      testRegex: serverSpecs,
      testPathIgnorePatterns: ['/node_modules/', '/dist/'],
    },
  ],
};
