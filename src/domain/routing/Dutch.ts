/**
 * Dutch.
 */
import type { Vocabulary } from "./Vocabulary.ts"

export const dutch: Vocabulary = {
  common:
    `de, het, een, en, of, is, zijn, van, op, in, te, voor, met, dat, die, deze, dit, niet, bij, aan, om, ik, we, wij, je, mij, ons, onze, graag, wat, hoe, waarom, dan, naar, uit, er, als, ook, wordt, elk, elke, mijn`,
  numbers:
    "twee, drie, vier, vijf, zes, zeven, acht, negen, tien, elf, twaalf, dertien, veertien, vijftien, zestien, zeventien, achttien, negentien, twintig",
  units:
    "woord*, pagina*, zin, zinnen, alinea*, regel*, minuten, minuut, min, uur, uren, dag, dagen, week, weken, maand*, jaar, jaren, mensen, personen, procent, px, gb, mb, ms, seconde*, keer, stap*, teken*, punt*, of, tot, andere*",
  and: "en, of, alsmede",
  joints:
    "voor, in, op, aan, te, van, met, uit, bij, naar, over, onder, dat, die, is, zijn, omdat, tot, zonder, en, of, moet, waar, als, elk, elke, dan, per, twee, klaar",
  not: "niet, geen, nooit, zonder, in plaats van, niets",
  each: "elk, elke, ieder, iedere, per, voor alle, telkens, één per, een per, afzonderlijke",
  apart:
    `onafhankelijk*, los, losse, los van elkaar, afzonderlijk, apart, aparte, gescheiden, parallel, tegelijk, tegelijkertijd, gelijktijdig, naast elkaar, niets met elkaar te maken, eigen, verschillende teams, verschillende klanten, verschillende repo*, geen samenhang, volgorde maakt niet, in willekeurige volgorde, hangen niet samen, niet van elkaar af, op zichzelf`,
  divide:
    "opsplits*, splits het, splits dit, verdeel*, verdelen, opdelen, deel het op, deel dit op, paralleliseer*, uit elkaar",
  serial:
    "na elkaar, een voor een, één voor één, achter elkaar, in deze volgorde, op volgorde, de vorige stap, vorige stap, elke stap, iedere stap, bouwt voort, bouwen voort, stuk voor stuk, pas als de, voor je verder, opeenvolgend",
  first: "eerst, allereerst, ten eerste, om te beginnen, begin met, stap 1, fase 1, als eerste, start met",
  next:
    `dan, daarna, vervolgens, zodra, nadat, als dat, wanneer, ten tweede, ten derde, stap 2, stap 3, stap 4, fase 2, fase 3, hierna, erna, daarop, als volgende,
    als het, als de`,
  last:
    "ten slotte, tenslotte, tot slot, uiteindelijk, aan het eind, aan het einde, als laatste, afsluitend, ter afsluiting, als alles, eindig met, op het einde",
  uses:
    `op basis van, gebaseerd op, aan de hand van, daaruit, daarmee, met die, met deze, met dat, met het resultaat, met de resultaten, uit die, uit deze, leid*, afgeleid*, volgens het plan, volgens dat, van stap, uit stap, het resultaat, de resultaten, daarop voortbouwend, voortbouwend, gebruik die, gebruik het resultaat, die lijst, dat plan, hiermee, hieruit,
    met het, met de lijst, daarop, op grond van, wat je vindt, wat eruit`,
  takes: "met, uit, volgens, op, tegen, van, voor, naar, in, de, het",
  gather:
    `combineer*, samenvoeg*, voeg ze samen, voeg alles samen, samengevoegd*, bundel*, één rapport, een rapport, één gezamenlijk*, gezamenlijk*, gemeenschappelijk*, één overzicht, overkoepelend*, ranglijst*, rangschik*, aanbeveling*, aanbeve*, beveel*, vergelijk ze, vergelijking*, vergelijkingstabel*, kies de beste, de beste, welke, synthese, eindrapport*, conclusie*, alles in, samen tot, één document, één tabel, overall,
    één advies, advies, één, welk, voeg ze, voeg alles, samenvat*`,
  weighty:
    "grondig*, diepgaand*, uitgebreid*, gedetailleerd*, volledig*, compleet*, rapport*, artikel*, dossier*, handleiding*, gids*, essay*, studie*, pagina's, hoofdstuk*, testsuite*, tests, test, audit*, onderzoek*, analys*, migreer*, migratie*, herschrijf*, repo*, branch*, prototype*, contract*, module*, dienst*, service*, app, apps, plugin*, bug*, oorzaak*, documenteer*, documentatie*, implementeer*, ontwikkel*, beoordeel*, evalueer*, bouw*, traject*, los op, zorgvuldig*, review*",
  slight:
    "kort, korte, één zin, een zin, één regel, een woord, hernoem*, typefout*, tikfout*, hetzelfde bestand, één bestand, tijdzone*, hoofdstad*, vertel me wat, snel, verwijder*, zet de, klein*, print*, toon*, half a4, versie van",
  asks:
    "hoe, wat, waarom, wanneer, waar, wie, welke, leg uit, leg me, uitleg over, beschrijf*, is er, kan ik, kun je uitleggen, moet ik, verschil tussen, waarvoor, weet je, zijn er, klopt",
  reads:
    "vat, samenvatting van, vertaal*, corrigeer deze, herformuleer*, classificeer*, hier is, hieronder, deze mail, dit bericht, deze tekst, dit ticket, volgende tekst, beantwoord, haal uit, verkort*",
  tells:
    "recept*, instructie*, stappenplan*, checklist*, procedure*, stap voor stap, tutorial*, gedicht*, verhaal, toespraak*, protocol*, draaiboek*, runbook*, genummerde stappen",
  demands:
    "criteria, acceptatiecriteria, eisen, eis, voorwaarde*, moet, moeten, regels, functie, velden, kolommen, sectie*, verwacht*, reproducer*, zodat, gedrag, opties, details, randgevallen",
  works:
    "voeg, analyseer*, bouw*, controleer*, converteer*, corrigeer*, maak*, documenteer*, exporteer*, importeer*, installeer*, migreer*, ontwerp*, ontwikkel*, publiceer*, herschrijf*, schrijf*, test*, verplaats*, vertaal*, zoek*, zet*, onderzoek*, verbeter*, implementeer*, vergelijk*, voer, repareer*, los"
}
