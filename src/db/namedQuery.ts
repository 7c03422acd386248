import pg from 'pg';

/** The items of a list as PostgreSQL writes it; null if some have quotes, which only unusual texts need. */
function plainItems(list: string): string[] | null {
  if (list.includes('"')) return null;
  return list === '{}' ? [] : list.slice(1, -1).split(',');
}

const { INT4 } = pg.types.builtins;
const INT4_LIST = 1007 as typeof INT4;
const TEXT_LIST = 1009 as typeof INT4;
const parseTextList = pg.types.getTypeParser(TEXT_LIST, 'text') as (list: string) => unknown;

/** Parsers of the values of columns: those of the driver, but faster ones for lists of ids and of short names, of which a page has many. */
export const COLUMN_TYPES: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format: 'text') => {
    switch (oid) {
      case INT4:
        return Number;
      case INT4_LIST:
        return (list: string) => plainItems(list)?.map((item) => (item === 'NULL' ? null : Number(item)));
      case TEXT_LIST:
        return (list: string) =>
          plainItems(list)?.map((item) => (item === 'NULL' ? null : item)) ?? parseTextList(list);
      default:
        return pg.types.getTypeParser(oid, format);
    }
  }) as typeof pg.types.getTypeParser,
};

/**
 * A statement with the name that it is prepared under. The driver takes a text as it is; it copies the properties of a configuration one
 * by one, which takes 3 µs.
 */
class NamedQuery extends pg.Query {
  readonly name: string | undefined;

  constructor(text: string, values: unknown[], name: string | undefined) {
    super(text, values);
    this.name = name;
  }
}

/**
 * Runs a statement on a connection of the pool.
 * @param name that it is prepared under; undefined where PostgreSQL plans it for this run only.
 */
export async function queryNamed<Row extends object>(
  pool: pg.Pool,
  name: string | undefined,
  text: string,
  values: unknown[],
): Promise<Row[]> {
  // The library's types know no promise for a query object.
  const result: unknown = await pool.query(new NamedQuery(text, values, name));
  return (result as pg.QueryResult<Row>).rows;
}
