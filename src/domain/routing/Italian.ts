/**
 * Italian.
 */
import type { Vocabulary } from "./Vocabulary.ts"

export const italian: Vocabulary = {
  common:
    `il, lo, la, i, gli, le, un, una, uno, di, del, della, dei, delle, e, o, è, sono, in, nel, nella, per, con, che, si, su, al, alla, alle, da, dal, non, mi, come, nostri, nostro, nostra, questo, questa, ogni, poi, fai, tra, cosa, c'è, più`,
  numbers:
    "due, tre, quattro, cinque, sei, sette, otto, nove, dieci, undici, dodici, tredici, quattordici, quindici, sedici, diciassette, diciotto, diciannove, venti",
  units:
    "parol*, pagin*, fras*, paragraf*, rig*, minut*, ore, ora, giorn*, settiman*, mes*, ann*, person*, per cento, px, gb, mb, ms, second*, volt*, pass*, caratter*, punt*, o, a, altr*",
  and: "e, ed, o, oppure",
  joints:
    "per, in, nel, nella, di, del, della, dei, con, da, dal, che, è, sono, senza, e, o, perché, fino, su, sul, ogni, dove, quando, poi, a, al, alla",
  not: "non, senza, mai, nessun, nessuna, invece di, niente",
  each: "ogni, ciascun*, ognun*, per tutti i, per tutte le, rispettiv*, uno per, una per, singolarmente",
  apart:
    `indipendent*, indipendentemente, separat*, separatamente, in parallelo, contemporaneamente, allo stesso tempo, simultaneamente, nulla a che vedere, niente a che fare, nulla a che fare, nessun legame, non correlat*, scollegat*, propri*, a parte, clienti diversi, team diversi, repository diversi, in qualsiasi ordine, l'ordine non conta, non dipendono, per conto suo, distint*`,
  divide: "suddivid*, dividi*, ripartisc*, distribuisc*, spezza*, parallelizza*, scomponi*, spartisc*",
  serial:
    "uno dopo l'altro, una dopo l'altra, uno alla volta, una alla volta, uno per uno, una per una, in quest'ordine, in ordine, in sequenza, sequenzialmente, il passo precedente, del passo precedente, ogni passo, ogni fase, la precedente, il precedente, prima di passare",
  first:
    "prima, per prima cosa, per primo, innanzitutto, anzitutto, per cominciare, inizia con, comincia con, passo 1, fase 1, in primo luogo, inizialmente",
  next:
    `poi, dopo, dopodiché, quindi, successivamente, una volta, quando è, quando hai, in secondo luogo, secondo, terzo, passo 2, passo 3, passo 4, fase 2, fase 3, in seguito, appena, a seguire,
    quando il, quando la`,
  last: `infine, alla fine, per ultimo, per finire, in conclusione, da ultimo, in ultimo, quando tutt*, concludi con,
    per chiudere`,
  uses:
    `a partire da, in base a, in base al, basandoti, basandosi, basato su, basata su, sulla base, con questi, con queste, con questo, con questa, con quei, con quelle, usando, usa i, usa le, usa il, usa la, utilizz*, secondo il piano, deriva*, ricava*, del passo, dal passo, i risultati, il risultato, risultant*, ottenut*, seguendo, da lì, da questo, da questi, nello schema convertito, partendo da, convertit*, esportat*,
    con il risultato, con la lista, con l'elenco, con essi, con esse, con ciò, di conseguenza, usalo, usali, usale,
    quello che trovi, quanto emerso`,
  takes:
    "con, di, del, della, dei, delle, da, dal, dalla, secondo, su, sul, sulla, contro, per, il, la, i, le, al, alla, nello, nel",
  gather:
    `combina*, unisc*, fondi*, unifica*, consolida*, raccogli*, riunisc*, un solo rapporto, un unico, un'unica, una sola, un solo, rapporto unico, comune, complessiv*, classifica, graduatoria*, raccomand*, consigli*, confrontal*, confronto, comparativ*, tabella comparativa, scegli il migliore, scegli la migliore, il migliore, la migliore, quale, sintesi, sintetizza*, rapporto finale, conclusion*, tutto in, insieme,
    verdetto, giudizio complessivo, giudizio finale, in un solo, in un'unica, in un unico`,
  weighty:
    `a fondo, approfondit*, dettagliat*, complet*, esaustiv*, rapporto, rapporti, report, articol*, dossier, guida, guide, saggio, saggi, studio, pagine, capitol*, test, suite, verifica*, audit, revisione, analizza*, analisi, ricerca*, migra*, porta*, riscriv*, rifai*, repo*, branch, prototip*, manual*, contratt*, modul*, servizi*, applicazion*, plugin, corregg*, bug, causa, documenta*, implementa*, svilupp*, redig*, valuta*, studia*`,
  slight:
    "breve, brevemente, corto, corta, una frase, una riga, una parola, rinomina*, refuso, refusi, stesso file, un solo file, fuso orario, capitale, dimmi cosa, veloc*, rapid*, cancella*, elimina*, imposta*, piccol*, stampa*, mostra*, aggiungi il",
  asks:
    "come, cosa, che cosa, perché, quale, quali, quando, dove, chi, quanto, quanti, spiega*, spiegami, descrivi*, c'è, è possibile, posso, puoi spiegare, si può, devo, differenza, a cosa, che differenza, sai",
  reads:
    "riassum*, riassunto, traduc*, correggi questo testo, riformula*, classifica quest*, ecco, qui sotto, questa mail, questa email, questo messaggio, questo ticket, questo testo, seguent*, rispondi a, estra*, accorcia*",
  tells:
    "ricett*, istruzion*, procedur*, lista di controllo, passo passo, passo dopo passo, tutorial, poesia, storia, discorso, protocoll*, passaggi numerati, runbook",
  demands:
    "criteri*, requisit*, condizion*, deve, devono, regol*, vincol*, funzione, campi, colonne, sezion*, atteso, riprodurre, in modo che, comportament*, opzion*, dettagli, casi limite",
  works:
    `aggiungi, analizza, carica, confronta, converti, correggi, costruisci, crea, documenta, esporta, fai, genera, importa, installa, migra, porta, prepara, progetta, pubblica, riscrivi, rivedi, scrivi, sviluppa, testa, traduci, trova, usa, verifica, implementa, studia, valuta, redigi`
}
