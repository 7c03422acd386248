import { SaxesParser } from 'saxes';

/** Elements of one XML file of an import, which are held together. A file with more is refused. @limit items */
export const IMPORT_XML_ELEMENTS_MAX = 1_000_000;
const DEPTH_MAX = 100;

/** An element without its namespace. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (XmlElement | string)[];
  /** From 1. */
  readonly line: number;
}

/** Why a text is not the XML that is read. */
export class XmlFault extends Error {
  constructor(
    message: string,
    readonly line: number,
  ) {
    super(message);
  }
}

const localName = (name: string): string => name.slice(name.indexOf(':') + 1);

/**
 * The root element of an XML text. Entities of a document type are not expanded.
 * @param refuse a reason for each name of elements that the reader does not take.
 * @throws XmlFault
 */
export function parseXml(text: string, refuse: Readonly<Record<string, string>> = {}): XmlElement {
  const parser = new SaxesParser();
  const open: { element: XmlElement; children: (XmlElement | string)[] }[] = [];
  let root: XmlElement | undefined;
  let count = 0;
  parser.on('error', (error) => {
    throw new XmlFault(`is not XML: ${error.message.replace(/^\d+:\d+: /, '')}`, parser.line);
  });
  parser.on('opentag', (tag) => {
    const name = localName(tag.name);
    const fault = refuse[name];
    if (fault !== undefined) throw new XmlFault(fault, parser.line);
    count += 1;
    if (count > IMPORT_XML_ELEMENTS_MAX)
      throw new XmlFault(`has more than ${IMPORT_XML_ELEMENTS_MAX} elements. Divide the file`, parser.line);
    if (open.length === DEPTH_MAX)
      throw new XmlFault(`has more than ${DEPTH_MAX} elements within one another`, parser.line);
    const children: (XmlElement | string)[] = [];
    const element = {
      name,
      attributes: tag.attributes as Record<string, string>,
      children,
      line: parser.line,
    };
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push({ element, children });
  });
  parser.on('closetag', () => void open.pop());
  parser.on('text', (content) => void open.at(-1)?.children.push(content));
  parser.on('cdata', (content) => void open.at(-1)?.children.push(content));
  parser.write(text).close();
  if (!root) throw new XmlFault('has no element', 1);
  return root;
}

/** The elements directly in this one, of these names or all. */
export const childrenOf = ({ children }: XmlElement, ...names: readonly string[]): XmlElement[] =>
  children.filter(
    (child): child is XmlElement =>
      typeof child !== 'string' && (names.length === 0 || names.includes(child.name)),
  );

/** The elements of a name in this one, at any depth, in their order. Elements within such an element are left out. */
export function* descendantsOf(element: XmlElement, ...names: readonly string[]): Generator<XmlElement> {
  for (const child of childrenOf(element)) {
    if (names.includes(child.name)) yield child;
    else yield* descendantsOf(child, ...names);
  }
}

/** The first element at a path of names, each directly in the one before. */
export function find(element: XmlElement, ...path: readonly string[]): XmlElement | undefined {
  return path.reduce<XmlElement | undefined>((at, name) => at && childrenOf(at, name)[0], element);
}

/** The words in an element, with one blank between them, without those in elements of the names to skip. */
export function wordsIn(element: XmlElement | undefined, skip: ReadonlySet<string> = new Set()): string {
  const parts: string[] = [];
  const visit = ({ children }: XmlElement): void => {
    for (const child of children) {
      if (typeof child === 'string') parts.push(child);
      else if (!skip.has(child.name)) visit(child);
    }
  };
  if (element) visit(element);
  return parts.join('').replaceAll(/\s+/g, ' ').trim();
}

/** Of elements that say the same in several languages, the English one, or else the first. */
export const englishOf = (elements: readonly XmlElement[]): XmlElement | undefined =>
  elements.find(({ attributes }) => attributes['xml:lang'] === 'en') ?? elements[0];
