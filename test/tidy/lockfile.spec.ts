// Tidy room. Goal: what is installed is what the lockfile pins, and all of it runs on the oldest Node we promise.
// Method: reads package-lock.json and the manifest of every workspace; no network, no npm.
import { describe, expect, it } from '@jest/globals';
import { admitsNode } from './node-range.js';
import { files, json } from './repository.js';

interface Locked {
  readonly version?: string;
  readonly link?: boolean;
  readonly engines?: { readonly node?: string };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const OLDEST_NODE = [20, 19, 0] as const;
const lock = json('package-lock.json') as { readonly packages: Readonly<Record<string, Locked>> };
const manifests = files.filter((path) => /^(?:(?:apps|libs)\/[^/]+\/)?package\.json$/.test(path));
const folderOf = (manifest: string): string => manifest.replace(/\/?package\.json$/, '');

function unpinned(manifest: string): string[] {
  const folder = folderOf(manifest);
  const wanted = json(manifest) as Locked;
  const locked = lock.packages[folder];
  const all = { ...wanted.dependencies, ...wanted.devDependencies };
  const recorded = { ...locked?.dependencies, ...locked?.devDependencies };
  return Object.entries(all).flatMap(([name, range]) => {
    if (recorded[name] !== range)
      return [`${manifest}: ${name} ${range}, but the lockfile has ${recorded[name] ?? 'none'}`];
    const installed = lock.packages[`${folder}/node_modules/${name}`] ?? lock.packages[`node_modules/${name}`];
    const pinned = installed?.link === true || installed?.version !== undefined;
    return pinned ? [] : [`${manifest}: ${name} has no version in the lockfile`];
  });
}

describe('the lockfile', () => {
  it('pins every dependency of every workspace, at the range its manifest asks for', () => {
    expect(manifests.length).toBeGreaterThan(10);
    expect(manifests.flatMap(unpinned)).toEqual([]);
  });

  it('knows the builds for other platforms too, or a clean install refuses to start', () => {
    const forgotten = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) =>
          lock.packages[`${path}/node_modules/${name}`] === undefined &&
          lock.packages[`node_modules/${name}`] === undefined,
      ),
    );
    expect(forgotten).toEqual([]);
  });

  it('holds no package that refuses Node 20.19', () => {
    const refusing = Object.entries(lock.packages)
      .filter(([, { engines }]) => engines?.node !== undefined && !admitsNode(engines.node, OLDEST_NODE))
      .map(([path, { engines }]) => `${path} wants Node ${engines?.node ?? ''}`);
    expect(refusing).toEqual([]);
  });

  it.each([
    ['>=22', false],
    ['^20.19.0 || ^22.13.0 || >=24', true],
    ['^20.20.0||>=22', false],
    ['>=16 || 14 >=14.17', true],
    ['18 || 20 || >=22', true],
    ['6.* || 8.* || >= 10.*', true],
    ['>= 18 < 20', false],
    ['~20.19', true],
    ['~20.18.1', false],
    ['<=20', true],
    ['>20', false],
    ['*', true],
  ])('reads the range %s', (range, admitted) => {
    expect(admitsNode(range, OLDEST_NODE)).toBe(admitted);
  });
});
