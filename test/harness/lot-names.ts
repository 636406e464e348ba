// Test harness. Lots that the tables name by themselves, under the ids that a model in memory knows them by.
import type { Lot } from '@fairmeter/domain';

const UNNAMED = 'unnamed_';

/** The id of a lot in memory whose id in the tables nobody knows yet. */
export const unnamedLot = (mark: string): string => `${UNNAMED}${mark}`;
export const isUnnamed = (lotId: string): boolean => lotId.startsWith(UNNAMED);

export class LotNames {
  private readonly idInTables = new Map<string, string>();
  private readonly idInModel = new Map<string, string>();

  /** Kind and source of a lot say which is which. */
  meet(rows: readonly Pick<Lot, 'id' | 'kind' | 'sourceRef'>[], lots: Iterable<Lot>): void {
    const known = new Map([...lots].map((lot) => [`${lot.kind}|${lot.sourceRef}`, lot.id]));
    for (const { id, kind, sourceRef } of rows) {
      const twin = known.get(`${kind}|${sourceRef}`);
      if (twin === undefined || twin === id) continue;
      this.idInTables.set(twin, id);
      this.idInModel.set(id, twin);
    }
  }

  inTables(lotId: string): string {
    return this.idInTables.get(lotId) ?? lotId;
  }

  /** An answer or a row as the model would have said it. */
  inModel<T>(value: T): T {
    return this.deep(value) as T;
  }

  private deep(part: unknown): unknown {
    if (typeof part === 'string') {
      return part.replaceAll(/lot_[0-9a-zA-Z]+/g, (id) => this.idInModel.get(id) ?? id);
    }
    if (Array.isArray(part)) return part.map((inner) => this.deep(inner));
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, this.deep(inner)]));
  }
}
