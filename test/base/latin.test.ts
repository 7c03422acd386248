import { describe, expect, it } from 'vitest';
import { latinForm, nameForms, SOUNDS } from '../../src/base/latin.ts';

describe('the Latin form of a name', () => {
  it.each([
    ['Лукашенко', 'lukashenko'],
    ['Élysée', 'elysee'],
    ['Quai d’Orsay', 'quai d orsay'],
    ['习近平', 'xi jin ping'],
    ['Σωκράτης', 'sokratis'],
    ['U.S.', 'u s'],
    ['ＮＡＴＯ', 'nato'],
    ['Соловьёв', 'solovev'],
    ['Объедков', 'obedkov'],
    ['إبراهيم', latinForm('ابراهيم')],
    ['مُحَمَّد', latinForm('محمد')],
    ['هدى', latinForm('هدي')],
    ['فاطمة', latinForm('فاطمه')],
    ['رئيس', 'ryys'],
    ['בִּנְיָמִין', latinForm('בנימין')],
    ['–!', ''],
    // Letters that have no Latin letter do not part a word.
    ['سعيد', 'syd'],
    ['ישראל', 'ysrl'],
    ['Խաչատրյան', 'khachatryan'],
    ['В’ячеслав', 'vyacheslav'],
    // Several letters are one sound.
    ['Ντόρα Μπακογιάννη', 'dora bakogianni'],
    ['Αντώνης', 'antonis'],
    ['Παπανδρέου', 'papandreou'],
    ['Λευτέρης', 'levteris'],
    ['ג׳ון', 'jon'],
    ["ג'ון", 'jon'],
    ['נתניהו', 'ntniho'],
    ['וורד', 'vrd'],
    ['קים', 'kim'],
    ['פדריקה', 'pdrik'],
    ['السعودية', 'swdyh'],
    ['ألمانيا', 'almanya'],
    ['الله', 'allh'],
    ['الأسد', 'asd'],
    ['محمود عباس', 'mhmwd abas'],
    ['سلمان', 'slman'],
    ['عارف', 'arf'],
    ['ジョージ', 'joji'],
    ['ヴォイノヴィッチ', 'voinovichi'],
    // A vowel that is not written.
    ['चन्द्र', 'chandra'],
    ['नरेन्द्र मोदी', 'narendra modi'],
    ['मनमोहन सिंह', 'manmohan singh'],
    ['ज़िया', 'ziya'],
    ['মমতা', 'mamta'],
    ['ராஜபக்ச', 'rajapaksa'],
    ['ವಿಜಯ', 'vijaya'],
    ['රනිල් වික්‍රමසිංහ', 'ranil wikramasingha'],
    ['အောင်ဆန်းစုကြည်', 'aungsansukyi'],
    ['ဝင်းမြင့်', 'winmyint'],
    ['ရွှေ', 'shwe'],
    // A vowel that is written before its consonant.
    ['ฮุน เซน', 'hun sen'],
    // Names that are usually spelt by other rules.
    ['이 영 희', 'lee young hee'],
    ['이영희', 'leeyounghee'],
    ['박 근혜', 'park keunhye'],
    ['정 우 성', 'jung woo sung'],
    ['서울', 'seoul'],
    ['عبد الله', 'abdullah'],
    ['عبدالرحمن', 'abdul rhmn'],
    ['رمضان', 'rmdan'],
    ['حضرت علی', 'hzrt aly'],
    ['\ud800', ''],
  ])('of %j is %j', (name, latin) => {
    expect(latinForm(name)).toBe(latin);
  });

  it('has the same consonants in scripts that write other sounds', () => {
    const [english, ...others] = ['David Trimble', 'دافيد تريمبل', 'Дэвид Тримбл'].map((name) =>
      nameForms(name),
    );
    for (const other of others) expect(other?.sound).toBe(english?.sound);
  });

  it('has one word that holds all, for scripts without spaces', () => {
    expect(nameForms('Xi Jinping').words).toEqual(['xi', 'jinping', 'xijinping']);
    expect(nameForms('Kim Jong Un').sounds.at(-1)).toBe(nameForms('김정은').sounds[0]);
    expect(nameForms('Iran').words).toEqual(['iran']);
    expect(nameForms('…')).toEqual({ latin: '', words: [], sounds: [], sound: '' });
  });

  it.each([
    ['蔡英文', 'Tsai Ing-wen'],
    ['习近平', 'Xi Jinping'],
    ['習近平', 'Hsi Chin-p‘ing'],
    ['邱文彥', 'Chiu Wen-yen'],
    ['曹操', 'Tsao Tsao'],
  ])('has the same consonants for %s and “%s”', (han, latin) => {
    expect(nameForms(han).sounds.at(-1)).toBe(nameForms(latin).sounds.at(-1));
  });

  it('has no other letters in its sounds than their list names', () => {
    const { sounds } = nameForms('the quick brown fox jumps over a lazy dog');
    expect([...sounds.join('')].filter((letter) => !(SOUNDS as readonly string[]).includes(letter))).toEqual(
      [],
    );
  });
});
