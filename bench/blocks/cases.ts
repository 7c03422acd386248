import { ANSWERS } from './cases/answers.ts';
import { DOCUMENTS } from './cases/documents.ts';
import { IMPORTS } from './cases/imports.ts';
import { LIVE } from './cases/live.ts';
import { SAVES } from './cases/saves.ts';
import { VARIABLES } from './cases/variables.ts';
import type { Case } from './client.ts';

/** The requests that are the most work within the limits. Imports come last, because they make the record large. */
export const CASES: readonly Case[] = [...LIVE, ...DOCUMENTS, ...VARIABLES, ...ANSWERS, ...SAVES, ...IMPORTS];
