import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { SourceText, sha256 } from '../../../../src/domain/anchor.ts';
import type { Item } from '../../../../src/import/item.ts';
import { type ParlamintOptions, readParlamint } from '../../../../src/import/read/parlamint/reader.ts';

const CORPUS = `<?xml version="1.0" encoding="UTF-8"?>
<teiCorpus xmlns="http://www.tei-c.org/ns/1.0" xml:id="ParlaMint-XX" xml:lang="fr">
  <teiHeader><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="topics.xml"/>
    <xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="persons.xml"/>
    <xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="orgs.xml"/></teiHeader>
  <xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="sitting.xml"/>
</teiCorpus>`;

const ORGS = `<listOrg xmlns="http://www.tei-c.org/ns/1.0" xml:id="ParlaMint-XX-listOrg">
  <org xml:id="PX" role="parliament">
    <orgName full="yes" xml:lang="fr">Assemblée de X</orgName><orgName full="yes" xml:lang="en">Assembly of X</orgName>
    <listEvent><event xml:id="PX.4" from="2019-03-01" to="2023-02"><label xml:lang="en">Term 4</label></event></listEvent>
  </org>
  <org xml:id="party.V" role="politicalParty"><orgName full="yes">Verts</orgName><orgName full="abb">V</orgName>
    <idno type="URI" subtype="wikimedia">https://fr.example.org/Verts</idno></org>
</listOrg>`;

const PERSONS = `<listPerson xmlns="http://www.tei-c.org/ns/1.0" xml:id="ParlaMint-XX-listPerson">
  <person xml:id="MartinAnne">
    <persName to="2020"><surname>Dubois</surname><forename>Anne</forename></persName>
    <persName from="2020"><surname>Martin</surname><forename>Anne</forename><forename>Marie</forename></persName>
    <sex value="F"/>
    <affiliation role="member" ref="#PX" ana="#PX.4"/>
    <affiliation role="minister" ref="#PX" from="2021-05-02"><roleName xml:lang="fr">Ministre</roleName><roleName xml:lang="en">Minister of Water</roleName></affiliation>
    <affiliation role="member" ref="#party.V" from="2022" to="2021"/>
    <affiliation role="member" ref="#party.W"/>
    <idno type="VIAF">123</idno><idno type="URI" subtype="facebook">https://example.com/verts</idno>
    <idno type="URI" subtype="parliament">https://example.org/members</idno>
  </person>
  <person xml:id="LeeBo"><persName>Bo Lee</persName><idno type="URI" subtype="parliament">https://example.org/members</idno></person>
</listPerson>`;

const SITTING = `<TEI xmlns="http://www.tei-c.org/ns/1.0" xml:id="ParlaMint-XX_2021-06-07" xml:lang="fr">
  <teiHeader><fileDesc>
    <titleStmt>
      <title type="main" xml:lang="fr">Corpus</title><title type="main" xml:lang="en">Corpus of X, sitting 7 [ParlaMint SAMPLE]</title>
      <title type="sub" xml:lang="en">Minutes of X</title>
    </titleStmt>
    <publicationStmt><availability><licence>https://example.org/by/4.0/</licence></availability></publicationStmt>
    <sourceDesc><bibl><idno type="URI">https://example.org/minutes/7</idno><date when="2021-06-08"/></bibl></sourceDesc>
  </fileDesc><profileDesc><settingDesc><setting><date when="2021-06-07">7.6.2021</date></setting></settingDesc></profileDesc></teiHeader>
  <text><body>
    <div type="debateSection">
      <head>Eau &amp; forêt 🌲</head>
      <note type="speaker">La présidente :</note>
      <u who="#MartinAnne" ana="#chair" xml:id="u1">
        <seg xml:id="ParlaMint-XX_2021-06-07.seg1">La   séance
          est ouverte 🌲<note>Elle se lève.</note>.</seg>
        <vocal><desc>Bravo !</desc></vocal>
        <seg xml:id="ParlaMint-XX_2021-06-07.seg2" xml:lang="en">Thank you.</seg>
      </u>
      <kinesic><desc>Applaudissements</desc></kinesic>
    </div>
    <div type="debateSection">
      <u who="#LeeBo" ana="#regular"><seg xml:id="ParlaMint-XX_2021-06-07.seg3">Merci.</seg><seg> </seg></u>
      <u ana="#guest"><seg>Bonjour.</seg></u>
      <u><seg xml:id="ParlaMint-XX_2021-06-07.seg5">Silence !</seg></u>
    </div>
  </body></text>
</TEI>`;

const FILES: Readonly<Record<string, string>> = {
  'topics.xml': '<taxonomy xmlns="http://www.tei-c.org/ns/1.0" xml:id="t"/>',
  'persons.xml': PERSONS,
  'orgs.xml': ORGS,
  'sitting.xml': SITTING,
};
const bytesOf = (text: string): AsyncIterable<Uint8Array> => Readable.from([Buffer.from(text)]);

async function read(text: string, options: Partial<ParlamintOptions> = {}): Promise<Item[]> {
  const items: Item[] = [];
  const open = (href: string) => bytesOf(FILES[href] as string);
  for await (const item of readParlamint(bytesOf(text), { file: 'corpus.xml', open, ...options }))
    items.push(item);
  return items;
}

const corpus = read(CORPUS);
const valuesOf = (items: readonly Item[], kind: string): unknown[] =>
  items.flatMap((item) => (item.kind === kind && 'value' in item ? [item.value] : []));
const unreadOf = (items: readonly Item[]) =>
  items.flatMap((item) => (item.kind === 'unread' ? [[item.place.file, item.place.line, item.reason]] : []));

describe('a ParlaMint corpus', () => {
  it('gives its organisations and persons, with names in English where there are some', async () => {
    expect(valuesOf(await corpus, 'actor')).toEqual([
      {
        slug: 'assembly-of-x',
        name: 'Assembly of X',
        kind: 'BODY',
        aliases: [{ name: 'Assemblée de X', language: 'fr' }],
        identifiers: [{ scheme: 'parlamint-xx', value: 'PX' }],
      },
      {
        slug: 'verts',
        name: 'Verts',
        kind: 'ORGANISATION',
        aliases: [{ name: 'V' }],
        identifiers: [
          { scheme: 'parlamint-xx', value: 'party.V' },
          { scheme: 'wikimedia', value: 'https://fr.example.org/Verts' },
        ],
      },
      {
        slug: 'anne-marie-martin',
        name: 'Anne Marie Martin',
        kind: 'PERSON',
        aliases: [{ name: 'Anne Dubois', to: '2020' }],
        affiliations: [
          { in: 'assembly-of-x', role: 'member', from: '2019-03-01', to: '2023-02' },
          { in: 'assembly-of-x', role: 'Minister of Water', from: '2021-05-02' },
        ],
        identifiers: [
          { scheme: 'parlamint-xx', value: 'MartinAnne' },
          { scheme: 'viaf', value: '123' },
        ],
      },
      {
        slug: 'bo-lee',
        name: 'Bo Lee',
        kind: 'PERSON',
        identifiers: [{ scheme: 'parlamint-xx', value: 'LeeBo' }],
      },
    ]);
  });

  it('gives each sitting as a source and an event, and each section with a head as an event', async () => {
    const text = 'Eau & forêt 🌲\nLa séance est ouverte 🌲.\nThank you.\nMerci.\nBonjour.\nSilence !';
    expect(valuesOf(await corpus, 'source')).toEqual([
      {
        slug: 'parlamint-xx-2021-06-07',
        title: 'Corpus of X, sitting 7',
        url: 'https://example.org/minutes/7',
        publishedOn: '2021-06-08',
        language: 'fr',
        licence: 'https://example.org/by/4.0/',
        identifiers: [{ scheme: 'parlamint-xx', value: 'ParlaMint-XX_2021-06-07' }],
        digest: sha256(text),
        length: [...text].length,
      },
    ]);
    expect(valuesOf(await corpus, 'event')).toEqual([
      {
        slug: 'parlamint-xx-2021-06-07',
        name: 'Minutes of X, 2021-06-07',
        kind: 'OTHER',
        date: '2021-06-07',
      },
      { slug: 'parlamint-xx-2021-06-07-d1', name: 'Eau & forêt 🌲', kind: 'OTHER', date: '2021-06-07' },
    ]);
    expect(valuesOf(await read(SITTING, { keepText: true }), 'source')).toMatchObject([{ text }]);
  });

  it('gives segments as statements in the words of the speaker, who is named as in the minutes', async () => {
    const statements = valuesOf(await corpus, 'statement');
    expect(statements[0]).toMatchObject({
      key: 'ParlaMint-XX_2021-06-07.seg1',
      quote: 'La séance est ouverte 🌲.',
      language: 'fr',
      mode: 'DIRECT',
      act: 'STATE',
      mentions: [{ as: 'La présidente', identifier: { scheme: 'parlamint-xx', value: 'MartinAnne' } }],
      said: '2021-06-07',
      events: ['parlamint-xx-2021-06-07', 'parlamint-xx-2021-06-07-d1'],
      source: 'parlamint-xx-2021-06-07',
    });
    expect(statements[1]).not.toHaveProperty('language');
    expect(statements.map((one) => (one as { mentions: unknown[] }).mentions[0])).toEqual([
      { as: 'La présidente', identifier: { scheme: 'parlamint-xx', value: 'MartinAnne' } },
      { as: 'La présidente', identifier: { scheme: 'parlamint-xx', value: 'MartinAnne' } },
      { as: 'LeeBo', identifier: { scheme: 'parlamint-xx', value: 'LeeBo' } },
      { as: 'guest' },
      { as: 'unknown' },
    ]);
    expect(statements[3]).toMatchObject({ key: 'ParlaMint-XX_2021-06-07.4' });
  });

  it('gives each segment a separate key if neither it nor its speech has an id', async () => {
    const speeches = ['<u><seg>Oui.</seg><seg>Non.</seg></u>', '<u><seg>Peut-être.</seg></u>'].join('');
    const items = await read(
      SITTING.replace('<u><seg xml:id="ParlaMint-XX_2021-06-07.seg5">Silence !</seg></u>', speeches),
    );
    const keys = valuesOf(items, 'statement').map((one) => (one as { key: string }).key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).toHaveLength(7);
  });

  it('has a mention for each of several persons who speak together, and one for a name that is no reference', async () => {
    const text = SITTING.replace('<u who="#LeeBo"', '<u who="#LeeBo #MartinAnne"').replace(
      '<u ana="#guest"',
      '<u who="Roux, Bo, guest"',
    );
    const mentions = valuesOf(await read(text), 'statement').map(
      (one) => (one as { mentions: unknown }).mentions,
    );
    expect(mentions[2]).toEqual([
      { as: 'LeeBo', identifier: { scheme: 'parlamint-xx', value: 'LeeBo' } },
      { as: 'MartinAnne', identifier: { scheme: 'parlamint-xx', value: 'MartinAnne' } },
    ]);
    expect(mentions[3]).toMatchObject([{ as: 'Roux, Bo, guest' }]);
  });

  it('places each segment in the text of its source, in code points', async () => {
    const [source] = valuesOf(await read(SITTING, { keepText: true }), 'source') as { text: string }[];
    const text = new SourceText(source?.text ?? '');
    const statements = valuesOf(await corpus, 'statement') as {
      quote: string;
      anchors: [{ start: number; end: number; digest: string }];
    }[];
    expect(statements.map(({ anchors: [anchor] }) => text.check(anchor))).toEqual(
      statements.map(({ quote }) => ({ ok: true, span: quote })),
    );
  });

  it('names the memberships that it can’t take, with file, line and reason', async () => {
    expect(unreadOf(await corpus)).toEqual([
      ['persons.xml', 8, 'ends on 2021, before it begins on 2022'],
      ['persons.xml', 9, expect.stringContaining('names the organisation “#party.W”')],
    ]);
  });

  it('counts what it leaves out', async () => {
    const omitted = (await corpus).flatMap((item) =>
      item.kind === 'omitted' ? [[item.what, item.count]] : [],
    );
    expect(Object.fromEntries(omitted)).toEqual({
      'descriptions of marks': 1,
      'lists of terms': 1,
      genders: 1,
      'pages that several persons or organisations can share': 3,
      'notes of the minutes': 1,
      'sounds and interjections': 1,
      'gestures and applause': 1,
      'segments without words': 1,
      'roles of speakers': 2,
    });
  });
});

describe('a file of ParlaMint alone', () => {
  it('can be one sitting, whose speakers are found by their identifiers', async () => {
    const kinds = new Set((await read(SITTING)).map(({ kind }) => kind));
    expect([...kinds]).toEqual(['header', 'source', 'event', 'statement', 'omitted']);
  });

  it('can be one sitting that lists its persons, without the organisations to which they belong', async () => {
    const items = await read(SITTING.replace('</text>', `<back>${PERSONS}</back></text>`));
    expect(valuesOf(items, 'actor')).toMatchObject([
      { name: 'Anne Marie Martin', identifiers: [{ scheme: 'parlamint-xx', value: 'MartinAnne' }, {}] },
      { name: 'Bo Lee', identifiers: [{ scheme: 'parlamint-xx', value: 'LeeBo' }] },
    ]);
    expect(unreadOf(items)).toEqual([]);
    const omitted = items.flatMap((item) => (item.kind === 'omitted' ? [[item.what, item.count]] : []));
    expect(omitted).toContainEqual(['affiliations with organisations of other files', 4]);
  });

  it('names the files that it includes and that are not there', async () => {
    const unread = unreadOf(await read(CORPUS, { open: undefined }));
    expect(unread[3]).toEqual(['corpus.xml', 6, 'names the file “sitting.xml”, which was not sent along']);
  });

  it('is read without files that it includes from other folders, and without those that are not there', async () => {
    const missing = createReadStream('not-there.xml');
    const text = CORPUS.replace('topics.xml', '../../secret.xml').replace('persons.xml', 'gone.xml');
    const open = (href: string) => (href === 'gone.xml' ? missing : bytesOf(FILES[href] as string));
    expect(unreadOf(await read(text, { open }))).toEqual([
      ['corpus.xml', 3, 'names “../../secret.xml”, which is not in the folder of the file'],
      ['gone.xml', 1, 'is not there, though the file of the corpus includes it'],
    ]);
  });

  it.each([
    ['no XML', 'a < b', /^is not XML: /],
    ['XML of another kind', '<rss/>', /^is not ParlaMint: its root is “rss”/],
    ['annotated word by word', SITTING.replace('Merci.', '<w>Merci</w>'), /^has its words marked one by one/],
    [
      'nested too deeply',
      `${'<a>'.repeat(101)}${'</a>'.repeat(101)}`,
      /^has more than 100 elements within one another/,
    ],
    [
      'with entities of its own',
      '<!DOCTYPE a [<!ENTITY b "c">]><TEI>&b;</TEI>',
      /^is not XML: undefined entity/,
    ],
  ])('is refused with its line where it is %s', async (_, text, reason) => {
    expect(unreadOf(await read(text)).map(([, , why]) => why)).toEqual([expect.stringMatching(reason)]);
  });
});
