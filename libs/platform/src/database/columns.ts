// Platform room. How Postgres types are read into a row: one place, so that no bigint passes through a number. The rows
// say which domain type a column is; this room knows none of them.
import type { ColumnOptions, ValueTransformer } from 'typeorm';

/** Without `nullable`, so that it also fits a primary column. */
type RowColumn = Omit<ColumnOptions, 'nullable'>;

const exact: ValueTransformer = {
  to: (value: bigint | null) => (value === null ? null : value.toString()),
  from: (text: string | null) => (text === null ? null : BigInt(text)),
};

/** Counts of tokens and milliseconds: bigint in the table for room, whole numbers in memory. */
const count: ValueTransformer = {
  to: (value: number) => value,
  from: (text: string) => Number(text),
};

const moment: ValueTransformer = {
  to: (value: number | null) => (value === null ? null : new Date(value)),
  from: (date: Date | null) => (date === null ? null : date.getTime()),
};

export const moneyColumn = (name: string): RowColumn => ({ name, type: 'bigint', transformer: exact });
export const sequenceColumn = (name: string): RowColumn => ({ name, type: 'bigint', transformer: exact });
export const countColumn = (name: string): RowColumn => ({ name, type: 'bigint', transformer: count });
export const momentColumn = (name: string): RowColumn => ({
  name,
  type: 'timestamptz',
  precision: 3,
  transformer: moment,
});
export const textColumn = (name: string): RowColumn => ({ name, type: 'text' });
export const intColumn = (name: string): RowColumn => ({ name, type: 'integer' });
export const nullable = (column: RowColumn): ColumnOptions => ({ ...column, nullable: true });
