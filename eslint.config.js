// The house rules a linter can hold; docs/RULES.md numbers them. Typed rules read one program, tsconfig.tests.json.
import tseslint from 'typescript-eslint';

const ban = (selector, message) => ({ selector, message });

const tooMany = 'More than 3 positional parameters: take one options object instead (rule 12).';
const everywhere = [
  ban('TSEnumDeclaration', 'Use a union of string literals instead of an enum (rule 6).'),
  ban('FunctionDeclaration[params.length>3]', tooMany),
  ban('ArrowFunctionExpression[params.length>3]', tooMany),
];
const methods = [
  ban('MethodDefinition[kind="method"] > FunctionExpression[params.length>3]', tooMany),
  ban('MethodDefinition[kind="method"] > TSEmptyBodyFunctionExpression[params.length>3]', tooMany),
];

const environment = 'Only main.ts reads process.env; take the parsed config as an argument (rule 14).';
const noEnvironment = [
  ban('MemberExpression[object.name="process"][property.name="env"]', environment),
  ban('ImportDeclaration[source.value=/^(node:)?process$/] ImportSpecifier[imported.name="env"]', environment),
];

// Same input, same answer: a replayed workflow and a repeated decision must not see another clock, chance or zone.
const instant = 'Take the instant as an argument, `asOf` or `now` (rule 15).';
const zone = 'Name the zone: this reads the zone or locale of the machine (rule 15).';
const clockAndChance = [
  ban('CallExpression[callee.object.name="Date"][callee.property.name="now"]', instant),
  ban('NewExpression[callee.name="Date"][arguments.length=0]', instant),
  ban('CallExpression[callee.name="Date"]', instant),
  ban(
    'CallExpression[callee.property.name=/^format(ToParts)?$/][arguments.length=0]',
    'A format call without an instant reads the clock: pass one (rule 15).',
  ),
  ban('CallExpression[callee.property.name=/^toLocale(Date|Time)?String$/]', zone),
  ban(
    'CallExpression[callee.property.name=/^[gs]et(FullYear|Year|Month|Date|Day|Hours|Minutes|Seconds|Milliseconds)$/]',
    zone,
  ),
  ban('CallExpression[callee.property.name="getTimezoneOffset"]', zone),
  ban(
    'MemberExpression[object.name="Math"][property.name="random"]',
    'No chance here: derive the value from the ids at hand, or take it as an argument (rule 15).',
  ),
];

// Inside the sandbox the clock is the recorded one of the history: it is where `asOf` comes from.
const sandboxed = clockAndChance.filter(({ message }) => message !== instant);

const rooms = ['apps/*/src/**/*.ts', 'libs/*/src/**/*.ts'];
const deterministic = ['libs/domain/src/**/*.ts', 'libs/contracts/src/**/*.ts'];
const mains = ['apps/*/src/main.ts', 'bench/main.ts', 'test/harness/**/*.ts'];
const specs = ['**/*.spec.ts'];
const controllers = ['apps/api/src/**/*.controller.ts'];

const syntax = (...lists) => ({ 'no-restricted-syntax': ['error', ...lists.flat()] });

export default tseslint.config(
  { ignores: ['**/node_modules/', '**/dist/', '.fairmeter/', 'coverage/', 'apps/dashboard/', 'test/tidy/fixtures/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.tests.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      ...syntax(everywhere, methods, noEnvironment),
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { requireDefaultForNonUnion: true }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      // Skips files with decorators by itself, as the program emits decorator metadata: injected classes stay values.
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/no-unnecessary-type-assertion': 'error',
      // A promised interface may have an answer at hand, and Nest hooks are async by contract.
      '@typescript-eslint/require-await': 'off',
      // Takes a branded bigint for something that cannot be negated.
      '@typescript-eslint/no-unsafe-unary-minus': 'off',
      'no-console': 'error',
      'no-param-reassign': 'error',
      'no-restricted-exports': [
        'error',
        {
          restrictDefaultExports: {
            direct: true,
            named: true,
            defaultFrom: true,
            namedFrom: true,
            namespaceFrom: true,
          },
        },
      ],
      'max-lines': ['error', { max: 300 }],
      eqeqeq: 'error',
    },
  },
  {
    files: rooms,
    ignores: specs,
    rules: {
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
    },
  },
  { files: deterministic, ignores: specs, rules: syntax(everywhere, methods, noEnvironment, clockAndChance) },
  {
    files: ['libs/workflows/src/**/*.ts'],
    ignores: specs,
    rules: syntax(everywhere, methods, noEnvironment, sandboxed),
  },
  // One decorated parameter per part of the request is how Nest spells a handler.
  { files: controllers, rules: syntax(everywhere, noEnvironment) },
  { files: mains, rules: syntax(everywhere, methods) },
  { files: ['apps/cli/src/**/*.ts'], rules: { 'no-console': 'off' } },
  {
    files: specs,
    rules: {
      // `describe` bodies are long, and a matcher hands methods around unbound.
      'max-lines-per-function': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
);
