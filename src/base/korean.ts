import anyAscii from 'any-ascii';

/** The usual family names of Korea. */
const FAMILY =
  '김이박최정강조윤장임한오서신권황안송류유홍전고문양손배백허남심노하곽성차주우구민진지엄원천방현함변염여추도소석선설길연위표명기반왕금옥리림로';
/** A family name, and a given name of two syllables. */
const NAME = new RegExp(`^([${FAMILY}]) ?([\\uac00-\\ud7a3]) ?([\\uac00-\\ud7a3])$`);

/** From the official to the usual spelling of a syllable. Rules are applied in this order. */
const RULES: readonly (readonly [RegExp, string])[] = [
  [/^g/, 'k'],
  [/(?<!n)g$/, 'k'],
  [/b$/, 'p'],
  [/d$/, 't'],
  [/^hui$/, 'hee'],
  [/(?<!e)u(?!i)/, 'oo'],
  [/eo(?=.)/, 'u'],
  [/^yung$/, 'young'],
  [/^oo/, 'woo'],
  [/^si(?![kl])/, 'shi'],
];
const FAMILY_RULES: readonly (readonly [RegExp, string])[] = [
  [/^i$/, 'lee'],
  [/^bag$/, 'park'],
  [/^jo$/, 'cho'],
  [/^(?:o|no)$/, '$&h'],
  [/^an$/, 'ahn'],
];

const spell = (syllable: string, rules: readonly (readonly [RegExp, string])[]): string =>
  rules.reduce((rest, [letters, latin]) => rest.replace(letters, latin), anyAscii(syllable).toLowerCase());

/** A Korean name with a blank between its syllables, as it is written in Latin letters. Any other text is returned as it is. */
export const separateSyllables = (name: string): string =>
  name.normalize('NFKC').trim().replace(NAME, '$1 $2 $3');

/**
 * A Korean name in the usual Latin spelling: “이 영 희” is “lee young hee”. Any other text is returned as it is.
 * @param text in the form NFKC.
 */
export const spellKorean = (text: string): string =>
  NAME.test(text.trim())
    ? [...text.trim()]
        .map((syllable, i) => spell(syllable, i === 0 ? [...FAMILY_RULES, ...RULES] : RULES))
        .join('')
    : text;
