/**
 * How alike two names are. A name is folded (case, accents, Cyrillic, punctuation, initials), its legal form is left out,
 * and what remains is compared by trigrams and by edits. A suspicion for a person to settle, never a decision.
 */

/** Written forms of companies, folded. Facts of company law in many countries; longest phrases come off first. */
const LEGAL_PHRASES = [
  "public joint stock company",
  "open joint stock company",
  "closed joint stock company",
  "joint stock company",
  "public limited company",
  "private limited company",
  "limited liability company",
  "limited liability partnership",
  "limited partnership",
  "aktiengesellschaft",
  "gesellschaft mit beschrankter haftung",
  "gesellschaft mbh",
  "kommanditgesellschaft",
  "societe anonyme",
  "societe par actions simplifiee",
  "societe a responsabilite limitee",
  "societa per azioni",
  "societa a responsabilita limitata",
  "societatea cu raspundere limitata",
  "sociedad anonima",
  "sociedade anonima",
  "sociedad limitada",
  "besloten vennootschap",
  "naamloze vennootschap",
  "aktiebolag",
  "aksjeselskap",
  "osakeyhtio",
  "spolka akcyjna",
  "spolka z ograniczona odpowiedzialnoscia",
  "kabushiki kaisha",
  "godo kaisha",
  "obshchestvo s ogranichennoi otvetstvennostyu",
  "aktsionernoe obshchestvo",
  "sp z o o",
  "sp z oo",
  "sp zoo",
  "sdn bhd",
  "pty ltd",
  "pte ltd",
  "co ltd",
  "gmbh co kg",
].map((phrase) => phrase.split(" "));

const LEGAL_WORDS = new Set(
  (
    "ltd limited llc inc incorporated corp corporation co company plc llp lp lllp gmbh ag akg kg kgaa ohg ev se sa sas sarl srl spa sl slu " +
    "sro bv nv cv oy oyj ab asa as aps is kft zrt nyrt rt spj sk doo dd ad ood eood jsc pjsc ojsc cjsc ooo oao zao pao ao " +
    "nao tov pt tbk bhd pty pte kk gk cia ltda eireli sdn sae psc wll fze fzco fzc llcs"
  ).split(" "),
);

const CYRILLIC: Readonly<Record<string, string>> = Object.fromEntries(
  (
    "а a,б b,в v,г g,д d,е e,ё e,ж zh,з z,и i,й i,к k,л l,м m,н n,о o,п p,р r,с s,т t,у u,ф f,х kh,ц ts,ч ch,ш sh,щ shch," +
    "ъ ,ы y,ь ,э e,ю yu,я ya,і i,ї i,є e,ґ g"
  )
    .split(",")
    .map((pair) => pair.split(" ")),
);
const LETTERS: Readonly<Record<string, string>> = {
  ß: "ss",
  ø: "o",
  æ: "ae",
  œ: "oe",
  ł: "l",
  đ: "d",
  ð: "d",
  þ: "th",
  ı: "i",
  ...CYRILLIC,
};

/** The words of a name in lower-case Latin letters and digits, other scripts as they stand. "A.B.C." is one word. */
export function foldedWords(name: string): string[] {
  return name
    .normalize("NFKC")
    .toLowerCase()
    .replace(/й/g, "и")
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^ -~]/gu, (letter) => LETTERS[letter] ?? letter)
    .replace(/&/g, " and ")
    .replace(/['’‘`]/g, "")
    .replace(/(?<![\p{L}\p{N}])((?:\p{L}\.\s?)+\p{L})\b\.?/gu, (initials) => initials.replace(/[.\s]/g, ""))
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
}

/** The folded words without the legal form and without "the"; all of them when nothing else is left. */
export function nameWords(name: string): string[] {
  const words = foldedWords(name);
  let rest = words;
  for (const phrase of LEGAL_PHRASES) rest = withoutPhrase(rest, phrase);
  rest = rest.filter((word, i) => !LEGAL_WORDS.has(word) && !(i === 0 && word === "the"));
  return rest.length > 0 ? rest : words;
}

function withoutPhrase(words: string[], phrase: readonly string[]): string[] {
  for (let at = 0; at + phrase.length <= words.length; at++)
    if (phrase.every((word, i) => words[at + i] === word))
      return [...words.slice(0, at), ...words.slice(at + phrase.length)];
  return words;
}

/** Likeness of two names, 0 to 1; 1 when they differ in legal form, case, accents, spacing or order only. */
export function nameLikeness(first: string, second: string): number {
  return likenessOfWords(nameWords(first), nameWords(second));
}

/** As `nameLikeness`, of words that `nameWords` gave. */
export function likenessOfWords(first: readonly string[], second: readonly string[]): number {
  const [a, b] = [first.join(""), second.join("")];
  if (a === b) return 1;
  const [sortedA, sortedB] = [[...first].sort().join(" "), [...second].sort().join(" ")];
  if (sortedA === sortedB) return 1;
  if (differInNumber(first, second)) return 0.5; // "Fund V" and "Fund VI", "Plant 1" and "Plant 2" are two things
  return Math.max(dice(trigrams(sortedA), trigrams(sortedB)), editLikeness(a, b) ** 2);
}

/** True when the words are the same but for a number, Arabic or Roman. */
function differInNumber(first: readonly string[], second: readonly string[]): boolean {
  const isNumber = (word: string) => /^(\d+|[ivx]{1,5})$/.test(word);
  const numbers = (words: readonly string[]) => words.filter(isNumber).sort().join(" ");
  return (
    numbers(first) !== numbers(second) &&
    dice(
      trigrams(first.filter((w) => !isNumber(w)).join(" ")),
      trigrams(second.filter((w) => !isNumber(w)).join(" ")),
    ) > 0.9
  );
}

/** Trigrams of each word, padded, so that beginnings weigh more. */
export function trigrams(text: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const word of text.split(" ")) {
    const padded = `  ${word} `;
    for (let i = 0; i + 3 <= padded.length; i++) found.add(padded.slice(i, i + 3));
  }
  return found;
}

/** 2 |A and B| / (|A| + |B|), Sørensen-Dice. */
function dice(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  if (a.size + b.size === 0) return 1;
  let common = 0;
  for (const gram of a) if (b.has(gram)) common += 1;
  return (2 * common) / (a.size + b.size);
}

/** 1 - edits / longer length; edits insert, delete, replace or swap neighbours (optimal string alignment). O(|a| |b|). */
export function editLikeness(a: string, b: string): number {
  const longer = Math.max(a.length, b.length);
  if (longer === 0) return 1;
  if (Math.abs(a.length - b.length) / longer > 0.4) return 0; // cannot come near
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let edits = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + cost); // rows have b.length + 1 members
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        edits = Math.min(edits, beforeLast[j - 2]! + 1); // as above
      row.push(edits);
    }
    beforeLast = last;
    last = row;
  }
  return 1 - last[b.length]! / longer; // as above
}
