// Tidy room. Goal: the container files say what docs/operating/containers.md promises. Method: reads them as data; the
// engine that runs them is not needed, and what only it can show is not claimed here.
import { describe, expect, it } from '@jest/globals';
import { STEPS_QUEUE } from '@fairmeter/contracts';
import { parse } from 'yaml';
import { files, text } from './repository.js';

interface Service {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly target: string };
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly restart?: string;
  readonly profiles?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const compose = parse(text('docker-compose.yml'), { merge: true }) as Compose;
const services = Object.entries(compose.services);
const dockerfile = text('Dockerfile');
const stages = [...dockerfile.matchAll(/^FROM (\S+) AS (\S+)$/gm)].map(([, from, name]) => ({ from, name }));
const lasting = ['postgres', 'temporal', 'temporal-ui', 'api', 'worker'];
const once = ['temporal-databases', 'temporal-schema', 'temporal-namespace', 'migrate', 'seed'];

const service = (name: string): Service => {
  const found = compose.services[name];
  if (found === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return found;
};

describe('docker-compose.yml', () => {
  it('has the whole stack and nothing else', () => {
    expect(Object.keys(compose.services).sort()).toEqual([...lasting, ...once].sort());
  });

  it('pins every image to a version, and takes our own from the Dockerfile', () => {
    for (const [name, { image, build }] of services) {
      if (build === undefined) expect(image).toMatch(/^[a-z/-]+:\$\{[A-Z_]+:-\d+(\.\d+)*\}$/);
      else expect({ name, stage: stages.some((stage) => stage.name === build.target) }).toEqual({ name, stage: true });
    }
  });

  it('keeps what lasts running, and ends what runs once', () => {
    for (const name of lasting) expect([name, service(name).restart]).toEqual([name, 'unless-stopped']);
    for (const name of once)
      expect([name, service(name).restart]).toEqual([name, expect.stringMatching(/^on-failure:/)]);
  });

  it('knows the health of everything that another service waits for', () => {
    for (const [name, { depends_on: awaited = {} }] of services) {
      for (const [target, { condition }] of Object.entries(awaited)) {
        const expected = once.includes(target) ? 'service_completed_successfully' : 'service_healthy';
        expect([name, target, condition]).toEqual([name, target, expected]);
        if (condition === 'service_healthy') expect(service(target).healthcheck?.test.length).toBeGreaterThan(1);
      }
    }
  });

  it('starts API and worker after the migrations and the namespace', () => {
    for (const name of ['api', 'worker']) {
      expect(Object.keys(service(name).depends_on ?? {})).toEqual(['migrate', 'temporal-namespace']);
    }
  });

  it('keeps the data of Postgres in a named volume, at the path of version 18', () => {
    expect(service('postgres').volumes).toEqual(['postgres-data:/var/lib/postgresql']);
    expect(Object.keys(compose.volumes)).toEqual(['demo-keys', 'postgres-data']);
  });

  it('mounts only files that the repository has', () => {
    const mounted = services.flatMap(([, { volumes = [] }]) => volumes.filter((volume) => volume.startsWith('./')));
    expect(mounted.length).toBeGreaterThan(0);
    for (const volume of mounted) expect(files).toContain(volume.split(':')[0]?.slice(2));
  });

  it('opens ports to this machine only', () => {
    const open = services.flatMap(([, { ports = [] }]) => ports);
    expect(open.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  it('hands on every setting that its page names', () => {
    const page = text('docs/operating/containers.md');
    const table = page.slice(page.indexOf('## Settings'), page.indexOf('## Before strangers'));
    const named = table
      .split('\n')
      .filter((row) => row.startsWith('| `'))
      .flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([A-Z][A-Z_]+)`/g)].map(([, name = '']) => name));
    expect(named.length).toBeGreaterThan(30);
    const written = text('docker-compose.yml');
    expect(named.filter((name) => !written.includes(`\${${name}:-`))).toEqual([]);
  });

  it('gives each process the login of its own role and no other', () => {
    const urls = (name: string): string[] =>
      Object.values(service(name).environment ?? {})
        .map(String)
        .filter((value) => value.startsWith('postgres://'))
        .map((url) => url.replace(/^postgres:\/\/(\w+):.*$/, '$1'));
    expect([urls('api'), urls('worker'), urls('migrate')]).toEqual([['fm_reader'], ['fm_writer'], ['postgres']]);
    expect(urls('seed')).toEqual(['fm_writer']);
  });

  it('gives the worker models to ask: a script of the repository, and providers where there is a key', () => {
    const given = service('worker').environment ?? {};
    const script = /^\$\{MODEL_SCRIPT_FILE:-\/srv\/fairmeter\/(.+)\}$/.exec(String(given['MODEL_SCRIPT_FILE']))?.[1];
    expect(files).toContain(script);
    for (const provider of ['OPENAI', 'ANTHROPIC']) {
      for (const name of [`${provider}_API_KEY`, `${provider}_BASE_URL`]) expect(given[name]).toBe(`\${${name}:-}`);
    }
  });

  it('tells who makes demo accounts whether the worker takes payments, and no secret of it', () => {
    const [worker, seed] = [service('worker'), service('seed')].map(({ environment }) => environment);
    expect(seed?.['PAYMENTS']).toBe(worker?.['PAYMENTS']);
    expect([worker?.['STRIPE_API_KEY'], seed?.['STRIPE_API_KEY']]).toEqual([
      '${STRIPE_API_KEY:-}',
      '${STRIPE_API_KEY:+set}',
    ]);
  });

  it('passes on what is set for webhooks and plans, so that API and worker go by the same', () => {
    const given = (name: string, keys: readonly string[]): unknown[] =>
      keys.map((key) => service(name).environment?.[key]);
    const both = ['WEBHOOK_SEALING_KEY', 'WEBHOOK_ALLOWED_NETWORKS', 'RENEW_AHEAD_MS', 'PAYMENT_GRACE_MS'];
    for (const name of ['api', 'worker']) expect(given(name, both)).toEqual(both.map((key) => `\${${key}:-}`));
    expect(given('worker', ['WEBHOOK_WITHIN_MS'])).toEqual(['${WEBHOOK_WITHIN_MS:-}']);
  });

  it('lets Prometheus reach the worker from another container', () => {
    expect(service('worker').environment?.['WORKER_METRICS_HOST']).toBe('0.0.0.0');
  });

  it('makes demo accounts only where somebody asks for them', () => {
    expect(services.filter(([, { profiles }]) => profiles !== undefined).map(([name]) => name)).toEqual(['seed']);
    expect(service('seed').profiles).toEqual(['demo']);
    expect(dockerfile).toMatch(/^CMD \["node", "apps\/cli\/dist\/main.js", "seed"\]$/m);
  });
});

describe('the dynamic config of the Temporal container', () => {
  type Setting = readonly { readonly value: unknown; readonly constraints?: { readonly taskQueueName: string } }[];
  const settings = parse(text('deploy/temporal/dynamicconfig.yaml')) as Readonly<Record<string, Setting>>;

  it('is fair, with one partition for the steps queue', () => {
    const one = [{ value: 1, constraints: { taskQueueName: STEPS_QUEUE } }];
    expect(settings['matching.enableFairness']).toEqual([{ value: true }]);
    expect(settings['matching.numTaskqueueReadPartitions']).toEqual(one);
    expect(settings['matching.numTaskqueueWritePartitions']).toEqual(one);
  });

  it('does not let anyone move time', () => {
    expect(settings['frontend.WorkflowTimeSkippingEnabled']).toEqual([{ value: false }]);
  });
});

describe('Dockerfile', () => {
  it('stands on glibc and runs each target as another user than root', () => {
    expect(dockerfile).toMatch(/^ARG NODE_IMAGE=node:20-bookworm-slim$/m);
    for (const target of ['api', 'worker', 'migrate', 'seed']) {
      expect(stages.find(({ name }) => name === target)?.from).toBe('runtime');
    }
    const runtime = dockerfile.slice(dockerfile.indexOf('AS runtime'), dockerfile.indexOf('AS migrate'));
    expect(runtime).toMatch(/^USER node$/m);
    expect(runtime).toMatch(/TZ=UTC/);
  });

  it('installs with the manifest of every workspace', () => {
    const workspaces = files.filter((path) => /^(apps|libs)\/[^/]+\/package\.json$/.test(path));
    const missing = workspaces.filter((path) => !path.startsWith('apps/dashboard/') && !dockerfile.includes(path));
    expect(missing).toEqual([]);
  });

  it('asks API and worker how they are', () => {
    const checks = [...dockerfile.matchAll(/^HEALTHCHECK [^\n]*\n\s*CMD (.*)$/gm)].map((match) => match[1] ?? '');
    expect(checks.map((check) => /PORT\}(\/[a-z/]+)`/.exec(check)?.[1])).toEqual(['/health/live', '/health/live']);
    for (const check of checks) expect(() => JSON.parse(check) as unknown).not.toThrow();
  });
});
