// The doors of the house. Every room lists the rooms and packages it may import, with the reason; all else is refused.
// Type-only imports count: a type that cannot be named cannot leak. Spec files keep to the rooms, not to the packages.

const SPEC = '\\.spec\\.ts$';
const anyOf = (parts) => (parts.length === 0 ? '(?!)' : `(${parts.join('|')})`);

// `rooms` are paths below libs/, `packages` npm packages (absent: any declared one), `builtins` Node's own modules.
const DOORS = [
  {
    room: 'libs/domain',
    rooms: [],
    packages: [],
    builtins: false,
    reason: 'Domain decides and nothing else: no package, clock, chance or IO, so that every decision can be replayed.',
  },
  {
    room: 'libs/contracts',
    rooms: ['domain'],
    packages: ['@temporalio/workflow', '@temporalio/common'],
    builtins: false,
    reason: 'Contracts cross into the workflow isolate and out again: only domain words and Temporal definitions.',
  },
  {
    room: 'libs/workflows',
    rooms: ['domain', 'contracts'],
    packages: ['@temporalio/workflow'],
    builtins: false,
    reason: 'A workflow is replayed in an isolate without Node: an order of steps over contracts, no IO of its own.',
  },
  {
    room: 'libs/ledger',
    rooms: ['domain', 'platform'],
    packages: ['typeorm', 'pg', 'ulid'],
    builtins: true,
    reason: 'The ledger moves money in Postgres alone; it must work the same whoever calls it.',
  },
  {
    room: 'libs/records',
    rooms: ['domain', 'platform'],
    packages: ['typeorm', 'pg', 'ulid'],
    builtins: true,
    reason: 'Records hold all that is not money and can be erased; the ledger never needs them, nor they it.',
  },
  {
    room: 'libs/providers',
    rooms: ['domain'],
    packages: [
      'eventsource-parser',
      'gpt-tokenizer',
      'openai',
      '@anthropic-ai/[^/]+',
      'esbuild',
      'fflate',
      'ipaddr\\.js',
      'nodemailer',
      'parse5',
      're2js',
      'standardwebhooks',
      'stripe',
    ],
    builtins: true,
    reason: 'A provider talks to the outside world and reports usage; what it costs is decided elsewhere.',
  },
  {
    room: 'libs/platform',
    rooms: [],
    builtins: true,
    reason: 'Platform is the ground all rooms stand on; ground that knows the rooms above it is a circle.',
  },
  {
    room: 'libs/activities',
    rooms: ['domain', 'contracts', 'ledger', 'records', 'providers', 'platform'],
    packages: ['@temporalio/activity', '@temporalio/common', '@nestjs/common', '@opentelemetry/api'],
    builtins: true,
    reason: 'Activities are IO behind the contracts: they reach the world through ledger, records and providers only.',
  },
  {
    room: 'apps/api',
    rooms: [
      'domain',
      'contracts',
      'records',
      'platform',
      'ledger/src/reads',
      'providers/src/tokens',
      'providers/src/payments',
    ],
    forbidden: ['typeorm', 'pg', '@temporalio/(worker|activity|workflow|testing)'],
    builtins: true,
    reason:
      'The API parses, calls and converts. It never writes money: of the ledger it sees reads, the rest is Temporal. ' +
      'It calls no provider: of them it sees how tokens are counted, and what one that takes money has signed.',
  },
  {
    room: 'apps/worker',
    rooms: ['domain', 'contracts', 'activities', 'platform'],
    forbidden: ['typeorm', 'pg', '@temporalio/(workflow|testing)'],
    builtins: true,
    reason: 'The worker hosts activities and loads workflows by bundle path; it holds no rule and no query of its own.',
  },
  {
    room: 'apps/cli',
    rooms: ['domain', 'contracts', 'platform', 'ledger', 'records'],
    forbidden: ['@temporalio/(worker|activity|workflow|testing)'],
    builtins: true,
    reason: "The operator's tool migrates, seeds and audits; API and worker run as processes of their own.",
  },
  {
    room: 'apps/dashboard',
    rooms: [],
    builtins: true,
    reason: 'The page speaks HTTP with types generated from the OpenAPI file, as any other client would.',
  },
];

const nameOf = ({ room }) => room.replace(/^(libs|apps)\//, '');

const doorRules = DOORS.flatMap((door) => {
  const { room, rooms, packages, forbidden = [], builtins, reason } = door;
  const source = { path: `^${room}/`, pathNot: SPEC };
  const rules = [
    {
      name: `${nameOf(door)}-rooms`,
      comment: reason,
      severity: 'error',
      from: { path: `^${room}/` },
      to: { path: '^(libs|apps)/', pathNot: [`^${room}/`, `^libs/${anyOf(rooms)}/`] },
    },
  ];
  if (packages !== undefined) {
    const exception = room === 'libs/domain' ? '^libs/domain/src/time/' : undefined;
    rules.push({
      name: `${nameOf(door)}-packages`,
      comment: reason,
      severity: 'error',
      from: { ...source, pathNot: exception === undefined ? SPEC : [SPEC, exception] },
      to: { path: '(^|/)node_modules/', pathNot: `(^|/)node_modules/(@types/)?${anyOf(packages)}/` },
    });
  }
  if (forbidden.length > 0) {
    rules.push({
      name: `${nameOf(door)}-packages`,
      comment: reason,
      severity: 'error',
      from: source,
      to: { path: `(^|/)node_modules/(@types/)?${anyOf(forbidden)}/` },
    });
  }
  if (!builtins) {
    rules.push({
      name: `${nameOf(door)}-no-node`,
      comment: `${reason} Node's own modules are the outside world.`,
      severity: 'error',
      from: source,
      to: { dependencyTypes: ['core'] },
    });
  }
  return rules;
});

const houseRules = [
  {
    name: 'domain-time-packages',
    comment: 'domain/time may use the calendar of temporal-polyfill, and nothing else.',
    severity: 'error',
    from: { path: '^libs/domain/src/time/', pathNot: SPEC },
    to: { path: '(^|/)node_modules/', pathNot: '(^|/)node_modules/temporal-polyfill/' },
  },
  {
    name: 'workflows-no-calendar',
    comment:
      'Calendar arithmetic in a workflow would change with the time zone data of a release; instants come from local ' +
      'activities and so are recorded. Not even through the index of another room.',
    severity: 'error',
    from: { path: '^libs/workflows/src/', pathNot: SPEC },
    to: { path: '(^|/)node_modules/temporal-polyfill/', reachable: true },
  },
  {
    name: 'stores-no-temporal',
    comment: 'Ledger and records answer the same with Temporal stopped: its connection is not theirs to use.',
    severity: 'error',
    from: { path: '^libs/(ledger|records)/src/', pathNot: SPEC },
    to: { path: '^libs/platform/src/temporal/' },
  },
  {
    name: 'no-tests-in-production',
    comment: 'What is delivered does not lean on the test harness or the benches.',
    severity: 'error',
    from: { path: '^(libs|apps)/', pathNot: SPEC },
    to: { path: ['^(test|bench)/', SPEC] },
  },
  {
    name: 'no-circular',
    comment: 'A circle has no bottom: neither side can be read, tested or changed alone.',
    severity: 'error',
    from: {},
    to: { circular: true },
  },
  {
    name: 'no-orphans',
    comment: 'A file nobody imports is dead. Entry points, spec files and the faces of rooms are the exceptions.',
    severity: 'error',
    from: { orphan: true, pathNot: [SPEC, '(^|/)(main|index)\\.ts$', '\\.d\\.ts$', '^(test|bench)/'] },
    to: {},
  },
  {
    name: 'no-unresolvable',
    comment: 'The import leads nowhere: a missing file, or a path that the exports map of a room does not open.',
    severity: 'error',
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: 'declare-what-you-import',
    comment: 'A package is declared by the workspace that imports it, or it vanishes with the neighbour that did.',
    severity: 'error',
    from: { path: '^(libs|apps)/', pathNot: SPEC },
    to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'] },
  },
];

module.exports = {
  forbidden: [...doorRules, ...houseRules],
  options: {
    tsPreCompilationDeps: true,
    preserveSymlinks: false,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    // The exports maps of the workspaces, read as Jest reads them: edges point at sources.
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['fairmeter-source', 'import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json', '.d.ts'],
      mainFields: ['module', 'main', 'types', 'typings'],
    },
  },
};
