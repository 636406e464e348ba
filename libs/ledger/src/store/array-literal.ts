// Ledger room. A column of values as the text of a Postgres array. A group writes some hundred thousand cells a second,
// and most need no quotes: asking once per cell is what remains.
export type Cell = string | number | boolean | null;

/** Whatever the array syntax could take for its own: separators, quotes, blanks, and what a bare word may not be. */
const SPECIAL = /[{}",\\\s\u0000-\u001f\u0080-\uffff]|^null$|^$/i;
const ESCAPED = /[\\"]/g;

export function arrayLiteral(cells: readonly Cell[]): string {
  let text = '{';
  for (let index = 0; index < cells.length; index += 1) {
    if (index > 0) text += ',';
    text += element(cells[index] ?? null);
  }
  return `${text}}`;
}

function element(cell: Cell): string {
  if (cell === null) return 'NULL';
  if (typeof cell !== 'string') return String(cell);
  return SPECIAL.test(cell) ? `"${cell.replace(ESCAPED, '\\$&')}"` : cell;
}
