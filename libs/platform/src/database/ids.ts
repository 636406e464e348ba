// Platform room. Ids are prefixed, sortable by time of making, and lower case.
import { monotonicFactory } from 'ulid';

const next = monotonicFactory();

export type IdPrefix = 'acc' | 'att' | 'bot' | 'hld' | 'job' | 'key' | 'lot' | 'quo' | 'req' | 'txt' | 'usr' | 'wrk';

export function newId(prefix: IdPrefix): string {
  return `${prefix}_${next().toLowerCase()}`;
}
