import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sqlite from 'node-sqlite3-wasm';

const SHARED = `
CREATE TABLE SETTINGS(Property TEXT PRIMARY KEY, Value TEXT);
CREATE TABLE CODERS(ID INTEGER PRIMARY KEY, Name TEXT);
CREATE TABLE DOCUMENTS(ID INTEGER PRIMARY KEY, Title TEXT, Text TEXT, Coder INTEGER, Author TEXT, Source TEXT, Section TEXT, Notes TEXT, Type TEXT, Date INTEGER);
CREATE TABLE STATEMENTTYPES(ID INTEGER PRIMARY KEY, Label TEXT);
CREATE TABLE VARIABLES(ID INTEGER PRIMARY KEY, Variable TEXT, DataType TEXT, StatementTypeId INTEGER);
CREATE TABLE STATEMENTS(ID INTEGER PRIMARY KEY, StatementTypeId INTEGER, DocumentId INTEGER, Start INTEGER, Stop INTEGER, Coder INTEGER);
CREATE TABLE DATABOOLEAN(ID INTEGER PRIMARY KEY, StatementId INTEGER, VariableId INTEGER, Value INTEGER);
CREATE TABLE DATAINTEGER(ID INTEGER PRIMARY KEY, StatementId INTEGER, VariableId INTEGER, Value INTEGER);
CREATE TABLE DATALONGTEXT(ID INTEGER PRIMARY KEY, StatementId INTEGER, VariableId INTEGER, Value TEXT);
INSERT INTO CODERS VALUES (1, 'Ada'), (2, 'Ben');
INSERT INTO STATEMENTTYPES VALUES (1, 'DNA Statement'), (2, 'Annotation');
INSERT INTO VARIABLES VALUES (1, 'person', 'short text', 1), (2, 'organization', 'short text', 1), (3, 'concept', 'short text', 1),
  (4, 'agreement', 'boolean', 1), (5, 'note', 'long text', 2), (6, 'place', 'short text', 1);
INSERT INTO DATALONGTEXT VALUES (1, 5, 5, 'ask again');`;

const VERSION_3 = `
CREATE TABLE ENTITIES(ID INTEGER PRIMARY KEY, VariableId INTEGER, Value TEXT, ChildOf INTEGER);
CREATE TABLE DATASHORTTEXT(ID INTEGER PRIMARY KEY, StatementId INTEGER, VariableId INTEGER, Entity INTEGER);
CREATE TABLE ATTRIBUTEVARIABLES(ID INTEGER PRIMARY KEY, VariableId INTEGER, AttributeVariable TEXT);
CREATE TABLE ATTRIBUTEVALUES(ID INTEGER PRIMARY KEY, EntityId INTEGER, AttributeVariableId INTEGER, AttributeValue TEXT);
INSERT INTO SETTINGS VALUES ('version', '3.0.11');
INSERT INTO ENTITIES VALUES (1, 1, 'Ana Pérez', NULL), (2, 1, '', NULL), (3, 2, 'Greenpeace', NULL), (4, 2, '', NULL),
  (5, 3, 'Coal should go.', 6), (6, 3, 'Energy should be clean.', NULL), (7, 6, 'Lima', NULL);
INSERT INTO ATTRIBUTEVARIABLES VALUES (1, 1, 'Type'), (2, 1, 'Alias'), (3, 2, 'Wikidata');
INSERT INTO ATTRIBUTEVALUES VALUES (1, 1, 1, 'Business'), (2, 1, 2, 'A. Pérez'), (3, 3, 3, 'Q81307'), (4, 1, 3, '');`;

const VERSION_2 = `
CREATE TABLE ATTRIBUTES(ID INTEGER PRIMARY KEY, VariableId INTEGER, Value TEXT, Type TEXT, Alias TEXT, Notes TEXT, ChildOf TEXT);
CREATE TABLE DATASHORTTEXT(ID INTEGER PRIMARY KEY, StatementId INTEGER, VariableId INTEGER, Value TEXT);
INSERT INTO SETTINGS VALUES ('version', '2.0 beta 25');
INSERT INTO ATTRIBUTES VALUES (1, 1, 'Ana Pérez', 'Business', 'A. Pérez', '', ''), (2, 1, '', '', '', '', ''), (3, 2, 'Greenpeace', '', '', '', ''),
  (4, 2, '', '', '', '', ''), (5, 3, 'Coal should go.', '', '', '', 'Energy should be clean.'), (6, 3, 'Energy should be clean.', '', '', '', ''),
  (7, 6, 'Lima', '', '', '', '');`;

/** The text of the first document. Its first characters are outside the basic plane: two UTF-16 units each. */
export const DNA_TEXT = '🏭🏭 “Coal must go,” said Pérez. Greenpeace agreed.\nThe end.';
/** 28 December 2019, 00:00 in UTC, in seconds. */
const DATE = 1_577_491_200;

interface DnaRow {
  readonly id: number;
  readonly type?: number;
  readonly document?: number;
  readonly span: readonly [number, number];
  readonly coder?: number;
  /** Ids of entities by variable. */
  readonly entities?: Readonly<Record<number, number>>;
  readonly agreement?: 0 | 1;
}

/** What the words of the text begin and end at, in UTF-16 units. */
export function spanOf(words: string): [number, number] {
  const start = DNA_TEXT.indexOf(words);
  return [start, start + words.length];
}

/** The statements of the file, of which each shows one case. */
export const DNA_ROWS: readonly DnaRow[] = [
  { id: 1, span: spanOf('Coal must go'), entities: { 1: 1, 2: 3, 3: 5 }, agreement: 1 },
  { id: 2, span: spanOf('Coal must go'), entities: { 1: 1, 2: 4, 3: 6, 6: 7 }, agreement: 0, coder: 2 },
  { id: 3, span: spanOf('Greenpeace agreed'), entities: { 1: 2, 2: 3, 3: 5 }, agreement: 1 },
  { id: 4, span: spanOf('The end'), entities: { 1: 2, 2: 4, 3: 5 }, agreement: 1 },
  { id: 5, type: 2, span: spanOf('The end') },
  { id: 6, span: [0, 9_999], entities: { 1: 1, 2: 3, 3: 5 }, agreement: 1 },
  { id: 7, span: [1, 4], entities: { 1: 1, 2: 3, 3: 5 }, agreement: 1 },
  { id: 8, document: 2, span: [0, 5], entities: { 1: 1, 2: 3, 3: 5 }, agreement: 1 },
];

function sqlOf(version: 2 | 3, rows: readonly DnaRow[]): string {
  const date = version === 3 ? DATE : DATE * 1000;
  const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
  const values = [
    '',
    'Ana Pérez',
    '',
    'Greenpeace',
    '',
    'Coal should go.',
    'Energy should be clean.',
    'Lima',
  ];
  return [
    SHARED,
    version === 3 ? VERSION_3 : VERSION_2,
    `INSERT INTO DOCUMENTS VALUES (1, 'Coal: “a debate”', ${quoted(DNA_TEXT)}, 1, 'R. Porter', 'The Daily Example', 'Page 3',
      'https://example.org/coal', '', ${date}), (2, '', 'undated', 1, '', '877', '', '', '', ${version === 3 ? -99_999_999_999 : 'NULL'})`,
    ...rows.flatMap(({ id, type = 1, document = 1, span, coder = 1, entities = {}, agreement }) => [
      `INSERT INTO STATEMENTS VALUES (${id}, ${type}, ${document}, ${span[0]}, ${span[1]}, ${coder})`,
      ...Object.entries(entities).map(
        ([variable, entity]) =>
          `INSERT INTO DATASHORTTEXT (StatementId, VariableId, ${version === 3 ? 'Entity' : 'Value'})
           VALUES (${id}, ${variable}, ${version === 3 ? entity : quoted(values[entity] as string)})`,
      ),
      ...(agreement === undefined
        ? []
        : [`INSERT INTO DATABOOLEAN (StatementId, VariableId, Value) VALUES (${id}, 4, ${agreement})`]),
    ]),
  ].join(';\n');
}

/** Makes a DNA file and removes it after its use. */
export async function withDnaFile<T>(
  version: 2 | 3,
  use: (path: string) => Promise<T>,
  change = '',
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'dna-'));
  const path = join(folder, 'debate.dna');
  try {
    const db = new sqlite.Database(path);
    db.exec(
      `PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; BEGIN; ${sqlOf(version, DNA_ROWS)}; ${change}; COMMIT`,
    );
    db.close();
    return await use(path);
  } finally {
    await rm(folder, { recursive: true });
  }
}
