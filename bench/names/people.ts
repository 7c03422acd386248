/** The parts of the names of one script. A name is a given name and a family name, each made of one or more parts. */
interface Script {
  readonly name: string;
  /** Given names, the most frequent first. Their frequencies differ as those of real names do. */
  readonly given: readonly string[];
  /** Parts of family names. */
  readonly family: readonly string[];
  /** How many parts a family name has. */
  readonly familyParts: readonly number[];
  readonly join: ' ' | '';
  /** Whether the family name comes first. */
  readonly isFamilyFirst: boolean;
}

const words = (text: string): string[] => text.split(' ');

const SCRIPTS: readonly Script[] = [
  {
    name: 'Latin',
    given: words(
      'Anna Peter Maria Jean John Ali Michael Paul Elena Thomas Marie David Ivan Karl Sofia Hans Laura Mark Jana Luis Emma Viktor Julia Rui Eva Olaf Nora Igor Ines Jacob Clara Otto Irina Pavel Greta Tomas',
    ),
    family: words(
      'ber ger man son ler ros mar tin fer nan dez wal ter kow ski lau rent pet ri schu bach hol mes gar cia del mon te san tos ven der hof nik las bra vo stein feld',
    ),
    familyParts: [2, 3],
    join: ' ',
    isFamilyFirst: false,
  },
  {
    name: 'Cyrillic',
    given: words(
      'Александр Сергей Елена Владимир Иван Анна Дмитрий Ольга Николай Татьяна Михаил Юрий Наталья Андрей Светлана Виктор Галина Павел Ирина Константин Вячеслав Людмила Борис',
    ),
    family: words(
      'Пет Ива Куз Нов Вол Бел Гри Мак Ле Со Че Жу Кра Зай Шев Лу Та Ко Ма Ро Фе До ра ни ли ко ва га де ши му бо',
    ),
    familyParts: [3, 4],
    join: ' ',
    isFamilyFirst: false,
  },
  {
    name: 'Arabic',
    given: words(
      'محمد أحمد علي حسن حسين عبدالله إبراهيم يوسف خالد عمر مصطفى سعيد فاطمة زينب مريم جمال طارق ناصر سمير هاني',
    ),
    family: words('ال بن حم سع ني دا كر فا رو مي شا عب نص جا بر قا سم طه لي زي تم غن'),
    familyParts: [2, 3],
    join: ' ',
    isFamilyFirst: false,
  },
  {
    name: 'Hangul',
    given: words(
      '민준 서연 지훈 영수 은정 성호 미경 정은 동현 수진 현우 지영 재석 혜진 상철 경희 태영 윤아 진호 선영 용호 명희 철수 은하 광수 보영 한솔 다은 기태 소라 민서 서준 지민 영호 은영 성민 미영 정호 동욱 수빈 현정 지수 재현 혜영 상호 경수 태현 윤호 진영 선호',
    ),
    family: words('김 이 박 최 정 강 조 윤 장 임 한 오 서 신 권 황 안 송 류 홍'),
    familyParts: [1],
    join: '',
    isFamilyFirst: true,
  },
  {
    name: 'kana',
    given: words(
      'サクラ ハルト ユイ ケンジ アキラ ミサキ タロウ ヒロシ ナオミ カズオ エミ ジュン マサト ユキ リョウ ツバサ アンナ ペテル マリヤ イワン',
    ),
    family: words('タ ナ カ ヤ マ サ ト ウ キ ム ラ イ ノ エ シ ミ ズ ハ ヨ リ ン ク オ モ フ ジ ワ'),
    familyParts: [3, 4, 5],
    join: ' ',
    isFamilyFirst: true,
  },
  {
    name: 'Han',
    given: words(
      '伟 芳 秀英 敏 静 丽 强 磊 洋 艳 建国 志强 晓明 国华 文华 玉兰 德明 海燕 金平 春梅 泽民 小平 锦涛 永康 家宝 克强 洪文 长江 永贵 明远 秀兰 国强 建华 文杰 志明 德华 晓东 玉梅 海涛 金龙 春生 泽华 小红 锦华 永明 家明 克明 洪波 长青 永生',
    ),
    family: words(
      '王 李 张 刘 陈 杨 黄 赵 吴 周 徐 孙 马 朱 胡 郭 何 高 林 罗 郑 梁 谢 宋 唐 许 韩 冯 邓 曹',
    ),
    familyParts: [1],
    join: '',
    isFamilyFirst: true,
  },
];

/** A number from 0 to 1 that depends on `seed` alone. */
function chance(seed: number): number {
  let x = Math.imul(seed + 0x9e3779b9, 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
}

/** One of the items; with `skew` above 1, more often one of the first. */
const pick = (items: readonly string[], seed: number, skew = 1): string =>
  items[Math.floor(items.length * chance(seed) ** skew)] as string;

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase();

function nameIn({ given, family, familyParts, join, isFamilyFirst }: Script, seed: number): string {
  const parts = familyParts[Math.floor(chance(seed * 7) * familyParts.length)] ?? 1;
  const last = capital(
    Array.from({ length: parts }, (_, k) => pick(family, seed * 11 + k, parts === 1 ? 2 : 1)).join(''),
  );
  const first = pick(given, seed * 13, 2);
  return (isFamilyFirst ? [last, first] : [first, last]).join(join);
}

/** A person with names in two scripts. */
export interface Person {
  readonly script: string;
  readonly name: string;
  readonly alias: string;
}

/** People whose names are in every script in turn, each with an alias in another one. */
export function people(count: number): Person[] {
  return Array.from({ length: count }, (_, i) => {
    const script = SCRIPTS[i % SCRIPTS.length] as Script;
    const other = SCRIPTS[
      (i + 1 + (Math.floor(i / SCRIPTS.length) % (SCRIPTS.length - 1))) % SCRIPTS.length
    ] as Script;
    return { script: script.name, name: nameIn(script, i), alias: nameIn(other, i + count) };
  });
}

/** The text with one letter changed: two letters exchanged, one removed, one doubled, or one replaced by the first letter. */
export function misspelt(text: string, seed: number): string {
  const letters = [...text];
  const at = 1 + Math.floor(chance(seed * 17) * Math.max(1, letters.length - 2));
  const letter = letters[at] ?? '';
  const edits = [
    [letters[at + 1] ?? '', letter],
    ['', letters[at + 1] ?? ''],
    [letter, letter, letters[at + 1] ?? ''],
    [letters[0]?.toLowerCase() ?? '', letters[at + 1] ?? ''],
  ];
  const edit = edits[Math.floor(chance(seed * 19) * edits.length)] ?? [];
  return [...letters.slice(0, at), ...edit, ...letters.slice(at + 2)].join('');
}
