import sqlite from 'node-sqlite3-wasm';
import { ReadoutError } from '../../../base/errors.ts';

type Row = Readonly<Record<string, unknown>>;

export interface DnaVariable {
  readonly id: number;
  readonly name: string;
  /** `short text`, `long text`, `integer` or `boolean`. */
  readonly type: string;
  readonly statementType: number;
}

/** A value that coders choose for a variable of short text, such as a person. */
export interface DnaEntity {
  readonly variable: number;
  readonly value: string;
  /** The value of the entity above it; null if there is none. */
  readonly parent: string | null;
  /** Attributes with their values, empty ones left out. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface DnaDocument {
  readonly id: number;
  readonly title: string;
  readonly text: string;
  readonly author: string;
  readonly source: string;
  readonly section: string;
  readonly notes: string;
  readonly type: string;
  /** `YYYY-MM-DD`; null if the file gives none. */
  readonly day: string | null;
}

export interface DnaStatement {
  readonly id: number;
  readonly statementType: number;
  readonly document: number;
  /** In UTF-16 units. */
  readonly start: number;
  readonly stop: number;
  readonly coder: string | null;
  /** By variable; an integer for a boolean variable, a text otherwise. */
  readonly values: ReadonlyMap<number, string | number>;
}

/** The versions of DNA whose files differ. */
const VERSION = /^([23])\./;

const text = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');

/** What version 3 and version 2 write in different ways. */
interface Dialect {
  readonly entities: string;
  /** `entity`, `name`, `value` of attributes. */
  readonly attributes: string;
  /** The short texts `d`. */
  readonly shortText: string;
  readonly secondsOf: (date: number) => number;
}

const DIALECTS: Readonly<Record<'2' | '3', Dialect>> = {
  3: {
    entities: `SELECT e.ID AS id, e.VariableId AS variable, e.Value AS value, p.Value AS parent
      FROM ENTITIES e LEFT JOIN ENTITIES p ON p.ID = e.ChildOf ORDER BY e.ID`,
    attributes: `SELECT v.EntityId AS entity, a.AttributeVariable AS name, v.AttributeValue AS value
      FROM ATTRIBUTEVALUES v JOIN ATTRIBUTEVARIABLES a ON a.ID = v.AttributeVariableId ORDER BY v.ID`,
    shortText:
      'SELECT d.VariableId AS variable, e.Value AS value FROM DATASHORTTEXT d JOIN ENTITIES e ON e.ID = d.Entity',
    secondsOf: (date) => date,
  },
  2: {
    entities: `SELECT e.ID AS id, e.VariableId AS variable, e.Value AS value, nullif(e.ChildOf, '') AS parent
      FROM ATTRIBUTES e ORDER BY e.ID`,
    attributes: `SELECT ID AS entity, 'Type' AS name, Type AS value FROM ATTRIBUTES
      UNION ALL SELECT ID, 'Alias', Alias FROM ATTRIBUTES UNION ALL SELECT ID, 'Notes', Notes FROM ATTRIBUTES`,
    shortText: 'SELECT d.VariableId AS variable, d.Value AS value FROM DATASHORTTEXT d',
    secondsOf: (date) => Math.floor(date / 1000),
  },
};

/** The values that both versions keep in the same way. */
const OTHER_VALUES = ['DATALONGTEXT', 'DATABOOLEAN', 'DATAINTEGER'].map(
  (table) => `SELECT d.VariableId AS variable, d.Value AS value FROM ${table} d`,
);

function dayOf(seconds: number): string | null {
  const date = new Date(seconds * 1000);
  const year = date.getUTCFullYear();
  return year >= 1 && year <= 9999 ? date.toISOString().slice(0, 10) : null;
}

/** A file of Discourse Network Analyzer, version 2 or 3: an SQLite database, which is read in place. To be closed. */
export class DnaFile {
  readonly #db: sqlite.Database;
  readonly #dialect: Dialect;

  /**
   * @param name of the file, for messages.
   * @throws ReadoutError INVALID_INPUT if the file is not one, or of another version.
   */
  constructor(path: string, name: string) {
    const refuse = (fault: string, cause?: unknown) =>
      new ReadoutError('INVALID_INPUT', `${name} ${fault}`, undefined, undefined, { cause });
    let version: string;
    try {
      this.#db = new sqlite.Database(path, { readOnly: true });
    } catch (error) {
      throw refuse('can’t be opened as a DNA file, which is an SQLite database.', error);
    }
    try {
      version = text(this.#all(`SELECT Value AS value FROM SETTINGS WHERE Property = 'version'`)[0]?.value);
    } catch (error) {
      this.#db.close();
      throw refuse('is not a DNA file: it has no table SETTINGS.', error);
    }
    const major = VERSION.exec(version)?.[1] as '2' | '3' | undefined;
    if (major === undefined) {
      this.#db.close();
      throw refuse(`is of DNA version “${version}”. Versions 2 and 3 are read.`);
    }
    this.#dialect = DIALECTS[major];
  }

  close(): void {
    this.#db.close();
  }

  #all(sql: string): Row[] {
    return this.#db.all(sql) as Row[];
  }

  *#rows(sql: string): Generator<Row> {
    const statement = this.#db.prepare(sql);
    try {
      for (const row of statement.iterate()) yield row as Row;
    } finally {
      statement.finalize();
    }
  }

  /** Names of the statement types, by id. */
  statementTypes(): Map<number, string> {
    const rows = this.#all('SELECT ID AS id, Label AS label FROM STATEMENTTYPES');
    return new Map(rows.map(({ id, label }) => [id as number, text(label)]));
  }

  variables(): DnaVariable[] {
    const rows = this.#all('SELECT ID, Variable, DataType, StatementTypeId FROM VARIABLES ORDER BY ID');
    return rows.map((row) => ({
      id: row.ID as number,
      name: text(row.Variable),
      type: text(row.DataType),
      statementType: row.StatementTypeId as number,
    }));
  }

  /** The values of the variables of short text, without the empty one. */
  entities(): DnaEntity[] {
    const attributes = new Map<number, Record<string, string>>();
    for (const row of this.#rows(this.#dialect.attributes)) {
      if (text(row.value) === '') continue;
      const own = attributes.get(row.entity as number) ?? {};
      own[text(row.name)] = text(row.value);
      attributes.set(row.entity as number, own);
    }
    return this.#all(this.#dialect.entities)
      .map((row) => ({
        variable: row.variable as number,
        value: text(row.value),
        parent: text(row.parent) || null,
        attributes: attributes.get(row.id as number) ?? {},
      }))
      .filter(({ value }) => value !== '');
  }

  /** The documents, one at a time: a file can have more text than fits into memory. */
  *documents(): Generator<DnaDocument> {
    for (const row of this.#rows('SELECT * FROM DOCUMENTS ORDER BY ID')) yield this.#documentOf(row);
  }

  document(id: number): DnaDocument | null {
    const row = this.#db.get('SELECT * FROM DOCUMENTS WHERE ID = ?', [id]);
    return row ? this.#documentOf(row as Row) : null;
  }

  #documentOf(row: Row): DnaDocument {
    return {
      id: row.ID as number,
      title: text(row.Title),
      text: typeof row.Text === 'string' ? row.Text : '',
      author: text(row.Author),
      source: text(row.Source),
      section: text(row.Section),
      notes: text(row.Notes),
      type: text(row.Type),
      day: row.Date === null ? null : dayOf(this.#dialect.secondsOf(Number(row.Date))),
    };
  }

  /** The statements with their values, by document and in the order of its text. */
  *statements(): Generator<DnaStatement> {
    const values = [this.#dialect.shortText, ...OTHER_VALUES].map((sql) =>
      this.#db.prepare(`${sql} WHERE d.StatementId = ?`),
    );
    try {
      const sql = `SELECT s.*, c.Name AS coder FROM STATEMENTS s LEFT JOIN CODERS c ON c.ID = s.Coder
        ORDER BY s.DocumentId, s.Start, s.ID`;
      for (const row of this.#rows(sql)) {
        const id = row.ID as number;
        const found = values.flatMap((statement) => statement.all([id]) as Row[]);
        yield {
          id,
          statementType: row.StatementTypeId as number,
          document: row.DocumentId as number,
          start: row.Start as number,
          stop: row.Stop as number,
          coder: text(row.coder) || null,
          values: new Map(
            found.map(({ variable, value }) => [
              variable as number,
              typeof value === 'number' ? value : text(value),
            ]),
          ),
        };
      }
    } finally {
      for (const statement of values) statement.finalize();
    }
  }
}
