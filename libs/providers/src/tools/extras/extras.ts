// Providers room, tools. What a person may ask for beside the code, and the parts an answer is made of.

export const EXTRAS = ['explanation', 'tests', 'install_notes', 'file_tree', 'zip'] as const;
export type Extra = (typeof EXTRAS)[number];

export type Extras = Readonly<Record<Extra, boolean>>;

export const ALL_EXTRAS: Extras = { explanation: true, tests: true, install_notes: true, file_tree: true, zip: true };

export const PARTS = ['code', 'explanation', 'file_structure', 'install_notes', 'tests'] as const;
export type Part = (typeof PARTS)[number];

/** Every part has a figure, zero too: what was left out is seen to be left out. */
export type PartShares = Readonly<Record<Part, bigint>>;
