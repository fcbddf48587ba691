/**
 * Swedish.
 */
import type { Vocabulary } from "./Vocabulary.ts"

export const swedish: Vocabulary = {
  common:
    "och, att, det, som, en, ett, är, på, för, med, av, till, inte, den, de, jag, vi, du, om, har, kan, när, var, men, så, hur, vad, varför, från, sedan, får, min, vår, våra, eller, fast, ska, varje",
  numbers:
    "två, tre, fyra, fem, sex, sju, åtta, nio, tio, elva, tolv, tretton, fjorton, femton, sexton, sjutton, arton, nitton, tjugo",
  units:
    "ord, sid*, mening*, stycke*, rad*, minut*, timm*, dag*, veck*, månad*, år, person*, procent, gb, mb, ms, sekund*, gånger, steg, tecken, punkt*, eller, till, andra",
  and: "och, eller, samt",
  joints: "för, i, på, av, till, med, från, som, är, utan, och, eller, där, när, varje, sedan, om, ska",
  not: "inte, ingen, inga, aldrig, utan, i stället för, istället för",
  each: "varje, varje enskild*, var sin, varsin, vardera, för alla, respektive, per",
  apart:
    "oberoende, separat*, var för sig, parallellt, samtidigt, sida vid sida, inget med varandra, orelaterade, egen, eget, egna, olika team, olika kunder, olika repon, valfri ordning, ordningen spelar ingen, fristående",
  divide: "dela upp*, delas upp, fördela*, parallellisera*, stycka upp",
  serial:
    "en i taget, efter varandra, en efter en, i ordning, i den här ordningen, sekventiellt, föregående steg, varje steg, innan du går vidare, bygger på",
  first: "först, till att börja med, börja med, för det första, steg 1, fas 1, inledningsvis",
  next:
    "sedan, därefter, efter det, när det, så snart, för det andra, steg 2, steg 3, steg 4, fas 2, fas 3, efteråt, nästa steg",
  last: "slutligen, till sist, till slut, avslutningsvis, sist, som sista, när allt, avsluta med",
  uses:
    `baserat på, utifrån, med hjälp av, på grundval av, med dessa, med det, med de, av resultat*, resultat*, från steg, enligt planen, härled*, därifrån, av det, följ planen,
    ovanpå, därav, med listan, med resultatet, det du hittar, efter specen`,
  takes: "med, från, enligt, på, mot, av, för, till, i",
  gather:
    `kombinera*, slå ihop, slå samman, sammanställ*, sammanfoga*, en gemensam, ett gemensamt, en enda, ett enda, rangordna*, rangordning, rekommend*, jämför dem, jämförelse*, välj den bästa, välj det bästa, den bästa, vilken, syntes, slutrapport*, slutsats*, samlad*, övergripande,
    väv, ihop, samman, vilket, omdöme, slutlig`,
  weighty:
    "grundlig*, noggrann*, djup*, detaljerad*, fullständig*, komplett*, rapport*, artikel*, artiklar, guide*, uppsats*, studie*, sidor, kapitel, testsvit*, tester, granska*, undersök*, forska*, analys*, migrera*, skriv om, repo*, branch*, prototyp*, manual*, avtal*, modul*, tjänst*, app, appar, plugin*, bugg*, orsak*, dokument*, implementera*, utveckla*, utvärdera*, bygg*",
  slight:
    "kort, korta, en mening, en rad, ett ord, döp om, stavfel, samma fil, en fil, tidszon*, huvudstad*, säg vad, snabb*, ta bort, sätt, lilla, skriv ut, visa",
  asks:
    "hur, vad, varför, när, var, vem, vilken, vilka, vilket, förklara*, beskriv*, finns det, kan jag, är det, ska jag, skillnaden mellan, vet du",
  reads:
    "sammanfatta*, översätt*, rätta texten, formulera om, klassificera*, här är, nedan, detta mejl, det här mejlet, följande, svara på, plocka ut",
  tells:
    "recept*, instruktion*, checklista*, steg för steg, rutin, rutiner, handledning*, dikt, saga, tal, runbook*, numrerade steg",
  demands:
    "kriterier, krav, villkor, ska, måste, regler, funktion, fält, kolumner, avsnitt, förväntat, återskapa, så att, beteende, alternativ",
  works:
    "lägg till, skriv, bygg, ändra, kontrollera, skapa, ta bort, dokumentera, exportera, importera, installera, migrera, designa, utveckla, publicera, testa, översätt, hitta, fixa, laga, implementera, jämför, undersök, analysera, uppdatera"
}
