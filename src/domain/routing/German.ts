/**
 * German.
 */
import type { Vocabulary } from "./Vocabulary.ts"

export const german: Vocabulary = {
  common:
    `der, die, das, und, oder, ist, sind, ein, eine, einen, einem, einer, zu, mit, für, von, im, in, den, dem, des, nicht,
    auf, bitte, ich, wir, mir, mich, wie, was, wenn, dann, aus, bei, auch, es, sich, unser, unsere, unseren, als, nach, zum, zur, mal, an, warum`,
  numbers:
    "zwei, drei, vier, fünf, sechs, sieben, acht, neun, zehn, elf, zwölf, dreizehn, vierzehn, fünfzehn, sechzehn, siebzehn, achtzehn, neunzehn, zwanzig",
  units:
    `wort*, wörter*, seite*, satz, sätze*, absatz, absätze*, zeile*, minute*, min, stunde, stunden, tag, tage, tagen, woche, wochen, monat, monate, monaten, jahr, jahre, jahren, personen,
    leute*, prozent, px, gb, mb, ms, sekunde*, mal, schritt*, zeichen, stelle*, stichpunkt*, punkt*, bis, oder, weitere*`,
  and: "und, oder, sowie",
  joints:
    `für, in, im, auf, an, am, zu, zum, zur, von, mit, aus, bei, nach, über, unter, so, dass, die, das, der, ist, sind, weil, bis, vor, ohne, und,
    oder, soll, sollen, wo, wenn, je, jeweils, dann, ins, gründlich`,
  not: "nicht, kein, keine, keinen, nie, niemals, ohne, statt, anstatt, bloß nicht",
  each: "jede, jeder, jedes, jeden, jedem, jeweils, je, pro, einzeln, für alle, jeweilige*, je eine*, je ein",
  apart:
    `unabhängig*, getrennt*, separat*, parallel, gleichzeitig, nebeneinander, nichts miteinander zu tun, haben nichts gemeinsam, eigene*, losgelöst,
    keine abhängigkeit*, hängen nicht zusammen, kein zusammenhang, ohne zusammenhang, zusammenhanglos*, verschiedene teams, verschiedene kunden, verschiedene repos,
    verschiedene kolleg*, verschiedene projekte, reihenfolge egal, reihenfolge spielt keine, beliebiger reihenfolge, für sich, unterschiedliche kunden,
    unterschiedliche repos, zeitgleich, voneinander, unabh.`,
  divide:
    "aufteil*, teil das auf, teile das auf, verteil*, aufgeteilt, zerleg*, zerteil*, aufsplitt*, splitte*, parallelisier*, teil die arbeit, teile die arbeit",
  serial:
    `nacheinander, hintereinander, der reihe nach, eins nach dem anderen, einer nach dem anderen, eine nach der anderen, schritt für schritt und,
    in dieser reihenfolge, regel für regel, erst dann, den vorigen, aus dem vorigen, vom vorigen, vorherigen schritt*, jeder schritt, baut auf, bauen aufeinander auf,
    aufeinander aufbauend, sequentiell, sequenziell, bevor du weiter, nächsten schritt, der vorherige, stück für stück`,
  first:
    "zuerst, zunächst, als erstes, erst, erstens, anfangs, schritt 1, phase 1, fang mit, beginne mit, fange mit, zu beginn",
  next:
    `dann, danach, anschließend, darauf, daraufhin, im anschluss, als nächstes, sobald, nachdem, wenn das, wenn der, wenn die, wenn es, hinterher,
    zweitens, drittens, schritt 2, schritt 3, schritt 4, phase 2, phase 3, im nächsten schritt, hernach, steht das, ist das, ist der, ist die, wenn alles,
    wenn du, wenn ich, nach der, nach dem, erst dann, erst wenn, ist es`,
  last:
    `zum schluss, zuletzt, am ende, abschließend, schließlich, zu guter letzt, letztlich, am schluss, als letztes, zum abschluss, wenn alle*,
    nur wenn alles,
    abschluss, zur abrundung, unterm strich, endlich`,
  uses:
    `auf basis*, auf grundlage*, basierend auf, aufgrund dessen, anhand*, daraus, darauf aufbauend, aufbauend auf, damit, mit diesen, mit diesem, mit dem ergebnis,
    mit den ergebnissen, aus dem ergebnis, aus den ergebnissen, aus diesen, aus diesem, leite*, abgeleitet*, ableiten, nach diesem plan, nach dem plan, laut plan, dafür,
    hieraus, gegen genau, auf dieser basis, auf der basis, mithilfe der, mithilfe des, ausgehend von, entsprechend dem, entsprechend den, gemäß, das ergebnis,
    die ergebnisse, based on, der exportierten, die exportierten, aus schritt, von schritt, dem gefundenen, der gefundenen, wie beschrieben, danach umsetzen, mit ihnen, aus ihnen,
    mit der liste, mit den daten, mit dem bestand, mit dem stand, aus dem, was übrig bleibt, was dabei, was du findest,
    was du gefunden, das gefundene, die gefundenen, daran, darüber, dessen, deren ergebnis`,
  takes: "mit, aus, nach, auf, gegen, anhand, laut, gemäß, zu, für, entlang, von, in, der, des, dem",
  gather:
    `zusammenführ*, führe sie zusammen, führ alles, fasse alles, fass alles, alles zusammen, zusammenfass*, gesamt*, gemeinsame*, ein einzige*, eine einzige*,
    einen einzigen, ein bericht, einen bericht, ein gesamt*, rangliste*, ranking, rangfolge, empfehl*, vergleiche sie, vergleich der, gegenüberstell*, vergleichstabelle*,
    wähle die beste*, das beste, den besten, die beste, welche*, in einem bericht, zu einem, zu einer, übersicht über alle, eine übersicht, einen überblick, konsolidier*,
    vereinheitlich*, bündel*, mergen, zusammen zu, in einer tabelle, eine tabelle, synthese, fazit, gewinner, über alle,
    zusammen, einer einzigen, urteil, urteile*, votum, abwäg*, gegeneinander, bestenliste, quintessenz, unterm strich`,
  weighty:
    `gründlich*, ausführlich*, detailliert*, tief*, vollständig*, komplett*, umfassend*, bericht*, gutachten, artikel*, dossier*, leitfaden*, aufsatz*, studie*,
    seiten, kapitel*, testsuite*, tests, test, prüf*, audit*, untersuch*, recherch*, analys*, migrier*, portier*, schreib*, repo*, branch*, pr, prs, prototyp*, scraper*,
    handbuch*, handbücher*, verträge*, anleitung*, bedienungsanleitung*, upgrade*, aktualisier*, ursache*, behebe*, beheb*, sicherheit*, modul*, dienst*, service*, plugin*, app*, paket*,
    entwickl*, bau*, umsetz*, implement*, genau, dokumentier*, bug*, fehler*, anträge*, baustelle*, dokument*, konzept*`,
  slight:
    `kurz*, schnell mal, ein satz, in einem satz, sätze*, eine zeile, ein wort, umbenenn*, benenne*, tippfehler*, bauchgefühl, dieselbe datei, selben datei, einer datei,
    zeitzone*, hauptstadt*, sag mir, setze, setz, lösch*, entferne*, klein*, einzeiler, stichwort*, stichpunkt*, zähl*, welche version, statuscode*, hochsetzen`,
  asks:
    `wie, was, warum, wieso, weshalb, wann, wo, wer, welche*, erklär*, erläuter*, kannst du mir sagen, kannst du mir erklären, gibt es, ist es, ist das, soll ich, sollen wir,
    beschreib*, hilf mir zu verstehen, unterschied zwischen, was ist, kann ich, weiß jemand, weißt du, stimmt es, lohnt, darf ich, muss ich, woran`,
  reads:
    `fasse*, fass, zusammenfassung, übersetz*, korrigier*, lies, formulier*, kürz*, was bedeutet, was steht, klassifizier*, bewerte diesen, folgende*, hier ist, hier der, dieses ticket,
    diese mail, diese e-mail, diesen text, antworte auf, prüfe diesen text, lektorier*, extrahier*`,
  tells:
    `rezept*, anleitung, anleitungen, checkliste*, schritt-für-schritt*, handreichung*, ablaufplan*, ablaufbeschreibung*, runbook*, merkblatt*, gedicht*, geschichte, rede, spickzettel*,
    rechenweg*, jeden schritt, notfallplan*, einweisung`,
  demands:
    `kriterien, abnahmekriterien*, akzeptanzkriterien*, anforderung*, bedingung*, soll, muss, sollte, müssen, regeln, vorgaben, erwartet*, schritte zum, reproduzier*, funktion, felder,
    spalten, abschnitt*, hinweise, details, eigenschaften, randfälle*, fertig wenn, fertig, wenn, optionen, folgenden punkte*`,
  works:
    `baue, bau, erstell*, schreib*, prüf*, leg, lege, mach*, füg*, änder*, beheb*, test*, migrier*, dokumentier*, entwickl*, implementier*, analysier*, recherchier*, vergleich*, übersetz*, führe,
    entwirf, entwerf*, setz*, richte, aktualisier*, lade, lad, exportier*, importier*, untersuch*, finde, such*, leite, passe, pass, rolle, veröffentlich*, sieh, stell*, hol*, räum*, refaktor*`
}
