// Platform room. Ids are prefixed, sortable by time of making, and lower case.
import { encodeTime, monotonicFactory } from 'ulid';

const next = monotonicFactory();

export type IdPrefix =
  | 'acc'
  | 'att'
  | 'aud'
  | 'bot'
  | 'bpk'
  | 'cmp'
  | 'cpo'
  | 'cpr'
  | 'cps'
  | 'cpw'
  | 'dft'
  | 'grt'
  | 'hld'
  | 'inc'
  | 'ivt'
  | 'job'
  | 'key'
  | 'lot'
  | 'ntc'
  | 'prd'
  | 'pur'
  | 'quo'
  | 'req'
  | 'rev'
  | 'rvw'
  | 'ses'
  | 'spy'
  | 'trf'
  | 'txt'
  | 'usr'
  | 'vis'
  | 'whk'
  | 'whs'
  | 'wrk';

export function newId(prefix: IdPrefix): string {
  return `${prefix}_${next().toLowerCase()}`;
}

const TIME_CHARACTERS = 10;

/** Sorts before every id of that kind that is made from then on, and after those made before. */
export function firstIdAfter(prefix: IdPrefix, epochMs: number): string {
  return `${prefix}_${encodeTime(Math.max(0, epochMs), TIME_CHARACTERS).toLowerCase()}`;
}
