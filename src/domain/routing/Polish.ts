/**
 * Polish.
 */
import type { Vocabulary } from "./Vocabulary.ts"

export const polish: Vocabulary = {
  common:
    `i, w, na, z, do, się, nie, to, jest, są, że, o, po, od, za, dla, jak, co, czy, ten, ta, te, tego, tej, przy, oraz, lub, albo, mi, nam, nasz, nasze, naszych, przez, każdy, każdej, każdego, proszę, potem, ale, ze, pod, by, być, dlaczego, kiedy, jego`,
  numbers:
    "dwa, trzy, cztery, pięć, sześć, siedem, osiem, dziewięć, dziesięć, jedenaście, dwanaście, trzynaście, czternaście, piętnaście, szesnaście, siedemnaście, osiemnaście, dziewiętnaście, dwadzieścia",
  units:
    "słow*, stron*, zdani*, zdań, akapit*, lini*, minut*, min, godzin*, dni, dzień, tygodni*, miesi*, lat, lata, rok*, osób, osoby, procent*, px, gb, mb, ms, sekund*, raz*, krok*, znak*, punkt*, lub, do, inn*",
  and: "i, oraz, lub, albo, a także",
  joints:
    "dla, w, na, z, do, od, za, po, przez, że, jest, są, bo, bez, i, oraz, lub, gdzie, kiedy, każdy, każda, każde, potem, o, ze, przy",
  not: "nie, bez, nigdy, żaden, żadna, żadne, zamiast",
  each:
    "każdy, każda, każde, każdego, każdej, każdym, każdą, dla wszystkich, po jednym, po jednej, osobny dla, odpowiedni*, z osobna",
  apart:
    "niezależn*, osobno, osobny, osobne, osobną, oddzieln*, odrębn*, równolegle, jednocześnie, równocześnie, naraz, niepowiązan*, niezwiązan*, nie mają ze sobą, nic wspólnego, własny, własne, własną, własnym, różne zespoły, różnych klientów, różne repozytoria, dowolnej kolejności, kolejność nie ma, obok siebie, nie zależą",
  divide: "podziel*, rozdziel*, rozbij*, rozłóż*, podział, zrównoleg*",
  serial:
    "jeden po drugim, jedna po drugiej, jedno po drugim, po kolei, kolejno, w tej kolejności, w kolejności, sekwencyjnie, poprzedni krok, poprzedniego kroku, każdy krok, poprzedni*, zanim przejdziesz, krok po kroku i",
  first:
    "najpierw, po pierwsze, na początek, na początku, zacznij od, krok 1, etap 1, faza 1, w pierwszej kolejności, pierw",
  next:
    `potem, następnie, później, gdy, kiedy to, jak już, po drugie, po trzecie, krok 2, krok 3, krok 4, etap 2, etap 3, dalej, po czym, jak tylko, gdy tylko, wtedy, w drugiej kolejności,
    kiedy`,
  last:
    "na końcu, na koniec, w końcu, wreszcie, ostatecznie, na zakończenie, po ostatnie, gdy wszystk*, zakończ, finalnie",
  uses:
    `na podstawie, w oparciu o, opierając się, bazując na, na bazie, według tego, zgodnie z, z tego, z tych, z nich, tymi, na tej podstawie, na tych maszynach, na tych, na tej, na tym, używając, wykorzystaj*, wykorzystując, użyj*, wynik*, uzyskan*, otrzyman*, z kroku, wyprowadź*, stąd,
    na ich podstawie, na jej podstawie, na jego podstawie, nimi, z niej, z niego, według nich, według niej, dzięki temu`,
  takes: "z, ze, na, według, do, w, o, po, od, przez, dla, za",
  gather:
    `połącz*, scal*, zbierz*, zestaw*, skonsoliduj*, jeden raport, jeden wspólny, jedną wspólną, jedną, jedno, wspóln*, łączn*, ranking*, rankingu, rekomend*, poleć*, porównaj je, porównani*, porównawcz*, wybierz najlepsz*, najlepsz*, który, która, które, synteza, syntez*, raport końcowy, podsumowani*, wniosk*, całość, wszystkich wyników, zbiorcz*,
    jeden, wspólną, co wybrać, który wybrać, werdykt*, całościow*`,
  weighty:
    "dokładn*, szczegółow*, gruntown*, pełn*, kompletn*, wyczerpując*, raport*, artykuł*, przewodnik*, podręcznik*, esej*, studium, analiz*, stron, rozdział*, testy, testów, zestaw testów, audyt*, zbadaj*, badani*, przeanalizuj*, zmigruj*, migracj*, przepisz*, repo*, gałąź, gałęzi, prototyp*, umow*, moduł*, usług*, aplikacj*, wtycz*, napraw*, popraw*, błąd, błęd*, przyczyn*, dokumentacj*, zaimplementuj*, opracuj*, przejrzyj*, oceń*, opini*, napisz*",
  slight:
    "krótk*, jedno zdanie, jednym zdaniem, jedną linijk*, jedno słowo, zmień nazwę, przemianuj*, literówk*, w tym samym pliku, jeden plik, stref*, stolic*, powiedz mi, szybk*, usuń*, ustaw*, mał*, wypisz*, pokaż*, wersj*",
  asks:
    "jak, co, dlaczego, czemu, kiedy, gdzie, kto, który, która, które, ile, wyjaśnij*, wytłumacz*, opisz*, czy, czym, jaka, jaki, jakie, różnica między",
  reads:
    "streść*, podsumuj*, przetłumacz*, popraw ten tekst, sparafrazuj*, sklasyfikuj*, oto, poniżej, poniższ*, ten mail, tę wiadomość, ten tekst, następując*, odpowiedz na, wyciągnij*, skróć*",
  tells:
    "przepis*, instrukcj*, procedur*, lista kontrolna, listę kontrolną, krok po kroku, samouczek, wiersz, opowiadani*, przemówieni*, protokół, runbook*, ponumerowane kroki",
  demands:
    "kryteri*, wymagani*, wymagań, warunk*, powinien, powinna, powinno, musi, muszą, reguł*, zasad*, funkcj*, pola, kolumn*, sekcj*, oczekiwan*, odtworz*, zachowani*, opcj*, szczegół*, przypadki brzegowe",
  works:
    "dodaj*, napisz*, popraw*, sprawdź*, stwórz*, utwórz*, zbuduj*, zaprojektuj*, przygotuj*, zaimplementuj*, przetestuj*, uruchom*, wdróż*, wgraj*, postaw*, puść*, usuń*, zmień*, przenieś*, przejrzyj*, przeanalizuj*, zbadaj*, porównaj*, przetłumacz*, opublikuj*, zmigruj*, wygeneruj*, znajdź*, udokumentuj*, wyeksportuj*, zaimportuj*, zainstaluj*"
}
