// Platform room. Settings: all problems at once, secrets masked.
import { describe, expect, it } from '@jest/globals';
import { parseApiConfig } from './api-config.js';
import { describeConfig } from './describe-config.js';
import { ConfigError } from './settings.js';
import { parseWorkerConfig } from './worker-config.js';

const READER = 'postgres://fm_reader:hunter2@127.0.0.1:5432/fairmeter?sslkey=abc';

function problemsOf(parse: () => unknown): readonly string[] {
  try {
    parse();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('the configuration', () => {
  it('needs little, and fills in the rest', () => {
    const config = parseApiConfig({ DATABASE_READER_URL: READER });
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 0,
      bodyLimitBytes: 1_048_576,
      inputLimitBytes: 10_485_760,
      admitWithinMs: 10_000,
      admitDeadlineMs: 5_000,
      quoteValidMs: 900_000,
      usageWithinMs: 10_000,
      keyUseEveryMs: 15_000,
      workerSeenWithinMs: 30_000,
      fairQueues: true,
      issuers: [],
      sessionMs: 43_200_000,
      invitationMs: 604_800_000,
      temporal: { namespace: 'fairmeter', tls: false },
    });
  });

  it('takes keys for tokens of visitors and trusted proxies, and never everybody\u2019s word', () => {
    const [one = '', two = '', three = ''] = [7, 8, 9].map((byte) => Buffer.alloc(32, byte).toString('base64url'));
    const read = (more: Record<string, string>): ReturnType<typeof parseApiConfig> =>
      parseApiConfig({ DATABASE_READER_URL: READER, ...more });
    const keys = { VISITOR_TOKEN_KEYS: `new:${two}, old:${one}`, VISITOR_HASH_KEY: three };
    const config = read({ ...keys, TRUST_PROXY: '10.0.0.0/8,::1' });
    expect(config.visitors.tokenKeys.map(({ kid }) => kid)).toEqual(['new', 'old']);
    expect(config.trustProxy).toEqual(['10.0.0.0/8', '::1']);
    expect(JSON.stringify(describeConfig(config))).not.toContain(one);
    expect(JSON.stringify(describeConfig(config))).not.toContain(three);
    expect(problemsOf(() => read({ VISITOR_TOKEN_KEYS: keys.VISITOR_TOKEN_KEYS }))).toEqual([
      'VISITOR_HASH_KEY must be set where VISITOR_TOKEN_KEYS or OIDC_ISSUERS is',
    ]);
    expect(problemsOf(() => read({ VISITOR_HASH_KEY: 'short' }))).toHaveLength(1);
    expect(read({ TRUST_PROXY: '1' }).trustProxy).toBe(1);
    expect([read({}).trustProxy, read({}).visitors.tokenKeys]).toEqual([false, []]);
    for (const word of ['true', '0', '11', '10.0.0.0/33', 'proxy.example', '::1/129', '1.2.3.4/8/8']) {
      expect([word, problemsOf(() => read({ TRUST_PROXY: word })).length]).toEqual([word, 1]);
    }
    for (const bad of ['short:abc', `${one}`, `a:${one},a:${two}`, `a b:${one}`, 'a:']) {
      expect([bad, problemsOf(() => read({ VISITOR_TOKEN_KEYS: bad })).length]).toEqual([bad, 1]);
    }
  });

  it('hears mail only with the secret of its gateway, from whom it says and so many an hour', () => {
    const read = (more: Record<string, string>): ReturnType<typeof parseApiConfig> =>
      parseApiConfig({ DATABASE_READER_URL: READER, ...more });
    expect(read({ INBOUND_MAIL_NEEDS_PASS: 'true' }).inboundMail).toBeUndefined();
    const config = read({ INBOUND_MAIL_SECRET: 'whsec_aGVhcmQ', REVIEW_MAILS_OF_SENDER_PER_HOUR: '5' });
    expect(config.inboundMail).toEqual({
      ...{ secret: 'whsec_aGVhcmQ', needsPass: false },
      ...{ reviewsOfSenderPerHour: 5, reviewsOfAccountPerHour: 30 },
    });
    expect(JSON.stringify(describeConfig(config))).not.toContain('aGVhcmQ');
    expect(problemsOf(() => read({ REVIEW_MAILS_OF_ACCOUNT_PER_HOUR: '0' }))).toHaveLength(1);
  });

  it('reports every problem at once, by name and without values', () => {
    const problems = problemsOf(() =>
      parseApiConfig({
        DATABASE_READER_URL: 'mysql://root:hunter2@db/x',
        API_PORT: '70000',
        LOG_LEVEL: 'loud',
        TEMPORAL_ADDRESS: 'nowhere',
        TEMPORAL_TLS: 'perhaps',
      }),
    );
    expect(problems.map((problem) => problem.split(' ')[0]).sort()).toEqual([
      'API_PORT',
      'DATABASE_READER_URL',
      'LOG_LEVEL',
      'TEMPORAL_ADDRESS',
      'TEMPORAL_TLS',
    ]);
    expect(problems.join()).not.toContain('hunter2');
  });

  it('says what is missing, and takes an empty variable for a missing one', () => {
    expect(problemsOf(() => parseApiConfig({}))).toEqual(['DATABASE_READER_URL must be set']);
    expect(problemsOf(() => parseWorkerConfig({ DATABASE_WRITER_URL: ' ' }))).toEqual([
      'DATABASE_WRITER_URL must be set',
    ]);
  });

  it('takes an empty provider key for none, as a compose file passes it', () => {
    const none = { OPENAI_API_KEY: '', OPENAI_BASE_URL: '', ANTHROPIC_API_KEY: '', ANTHROPIC_BASE_URL: '' };
    const config = parseWorkerConfig({ DATABASE_WRITER_URL: READER, ...none });
    expect([config.openai, config.anthropic]).toEqual([undefined, undefined]);
  });

  it('leaves what one person may grant alone to the rule, waits two weeks, and warns a week ahead', () => {
    const { grants } = parseWorkerConfig({ DATABASE_WRITER_URL: READER });
    const day = 86_400_000;
    expect(grants).toEqual({ aloneSupport: undefined, aloneAdmin: undefined, decideMs: 14 * day, warnMs: 7 * day });
    const set = { GRANT_ALONE_SUPPORT_CREDITS: '50', GRANT_WARN_MS: String(day) };
    expect(parseWorkerConfig({ DATABASE_WRITER_URL: READER, ...set }).grants).toMatchObject({
      aloneSupport: 50,
      warnMs: day,
    });
  });

  it('[E18] reads what subscriptions go by once for API and worker', () => {
    const both = (set: Record<string, string>): unknown[] => [
      parseApiConfig({ DATABASE_READER_URL: READER, ...set }).subscriptions,
      parseWorkerConfig({ DATABASE_WRITER_URL: READER, ...set }).subscriptions,
    ];
    const usual = { renewAheadMs: 3_600_000, graceMs: 14 * 86_400_000 };
    expect(both({})).toEqual([usual, usual]);
    const other = { renewAheadMs: 60_000, graceMs: 5_000 };
    expect(both({ RENEW_AHEAD_MS: '60000', PAYMENT_GRACE_MS: '5000' })).toEqual([other, other]);
    for (const [name, bad] of Object.entries({ RENEW_AHEAD_MS: '-1', PAYMENT_GRACE_MS: '1' })) {
      expect(problemsOf(() => parseApiConfig({ DATABASE_READER_URL: READER, [name]: bad }))).toHaveLength(1);
    }
  });

  it('[F9] leaves the thresholds of loops to their defaults, and takes those that are set', () => {
    const none = parseWorkerConfig({ DATABASE_WRITER_URL: READER }).loops;
    expect(none).toMatchObject({ thresholds: {}, pollableTools: [], shadow: false });
    const set = { LOOP_EQUAL_CALLS: '5', LOOP_POLLABLE_TOOLS: 'status, wait', LOOP_SHADOW: 'on' };
    const { loops } = parseWorkerConfig({ DATABASE_WRITER_URL: READER, ...set });
    expect(loops).toMatchObject({ thresholds: { equalCalls: 5 }, pollableTools: ['status', 'wait'], shadow: true });
    expect(problemsOf(() => parseWorkerConfig({ DATABASE_WRITER_URL: READER, LOOP_RED_BUILDS: '1' }))).toEqual([
      'LOOP_RED_BUILDS must be a whole number from 2 to 1000',
    ]);
  });

  it('trusts the issuers it is told of, and only over a line that nobody can change', () => {
    const one = { issuer: 'https://sign-in.example', audience: 'fairmeter', staff: { claim: 'roles', admin: 'ops' } };
    const parse = (list: unknown) =>
      parseApiConfig({
        DATABASE_READER_URL: READER,
        VISITOR_HASH_KEY: Buffer.alloc(32, 7).toString('base64url'),
        OIDC_ISSUERS: typeof list === 'string' ? list : JSON.stringify(list),
      });
    expect(parse([one]).issuers).toMatchObject([{ issuer: one.issuer, staff: { claim: 'roles', admin: 'ops' } }]);
    expect(parse([{ ...one, issuer: 'http://127.0.0.1:9000' }]).issuers).toHaveLength(1);
    // What people ask for is hashed with it.
    const keyless = { DATABASE_READER_URL: READER, OIDC_ISSUERS: JSON.stringify([one]) };
    expect(problemsOf(() => parseApiConfig(keyless))).toEqual([
      'VISITOR_HASH_KEY must be set where VISITOR_TOKEN_KEYS or OIDC_ISSUERS is',
    ]);
    const secret = parse([{ ...one, client_id: 'page', client_secret: 'hunter2' }]);
    expect(JSON.stringify(describeConfig(secret))).not.toContain('hunter2');
    for (const bad of [
      'no json',
      [],
      [{ issuer: one.issuer }],
      [{ ...one, issuer: 'http://sign-in.example' }],
      [{ ...one, jwks_url: 'http://sign-in.example/keys' }],
      [{ ...one, typo: true }],
      [one, one],
    ]) {
      expect(problemsOf(() => parse(bad)).map((problem) => problem.split(' ')[0])).toEqual(['OIDC_ISSUERS']);
    }
  });

  it('cannot be changed once parsed', () => {
    const config = parseApiConfig({ DATABASE_READER_URL: READER });
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.temporal)).toBe(true);
  });

  it('is described without its secrets', () => {
    const config = parseWorkerConfig({
      DATABASE_WRITER_URL: READER,
      TEMPORAL_API_KEY: 'tmprl-hunter2',
      OPENAI_API_KEY: 'sk-hunter2',
    });
    const described = describeConfig(config);
    expect(JSON.stringify(described)).not.toMatch(/hunter2|abc/);
    expect(described).toMatchObject({
      databaseUrl: 'postgres://fm_reader:***@127.0.0.1:5432/fairmeter',
      'openai.apiKey': '***',
      'temporal.apiKey': '***',
      'temporal.tls': true,
    });
  });
});
