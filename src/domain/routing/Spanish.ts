/**
 * Spanish.
 */
import type { Vocabulary } from "./Vocabulary.ts"

export const spanish: Vocabulary = {
  common:
    `el, la, los, las, un, una, unos, unas, de, del, y, o, es, son, en, para, por, con, que, qué, se, su, sus, al, lo, no, me, mi, nuestra, nuestro, nuestros, este, esta, estos, hay, como,
    cada, más, si, sin, quiero, cuando, pero, luego, está, uno, muy`,
  numbers:
    "dos, tres, cuatro, cinco, seis, siete, ocho, nueve, diez, once, doce, trece, catorce, quince, dieciséis, diecisiete, dieciocho, diecinueve, veinte",
  units:
    `palabra*, página*, frase*, párrafo*, línea*, minuto*, min, hora*, día*, semana*, mes, meses, año*, persona*, por ciento, px, gb, mb, ms, segundo*, veces, paso*, caracteres, punto*, a, o, otro*, otra*, últimos, últimas`,
  and: "y, e, o, así como",
  joints:
    "para, en, de, del, con, por, que, es, son, sin, y, o, porque, hasta, desde, según, sobre, a, al, cada, donde, cuando, luego, después",
  not: "no, sin, nunca, ningún, ninguna, en lugar de, en vez de, nada",
  each:
    "cada, por cada, para todos los, para todas las, respectivo*, respectivamente, uno por, una por, cada uno, cada una",
  apart:
    `independiente*, independientemente, por separado, separad*, en paralelo, a la vez, al mismo tiempo, simultáneamente, sin relación, nada que ver, por su lado, propio, propia, propios, propias, distintos equipos, equipos distintos, clientes distintos, repositorios distintos,
    no tienen relación, no dependen, en cualquier orden, el orden no importa, no comparten, sin dependencias, diferentes equipos, cada cual`,
  divide: "repárt*, repart*, divid*, distribu*, paraleliz*, trocea*, separa el trabajo, descompon*",
  serial:
    `uno detrás de otro, uno tras otro, una tras otra, uno por uno, una por una, uno a uno, una a una, en este orden, en orden, sucesivamente, secuencialmente, el paso anterior, del paso anterior, cada paso, la anterior, el anterior, antes de pasar, una después de otra, uno después de otro`,
  first:
    "primero, en primer lugar, para empezar, empieza por, comienza por, paso 1, fase 1, primeramente, al principio, antes de nada",
  next:
    `luego, después, a continuación, entonces, una vez, cuando esté, cuando termine*, cuando acabe*, en segundo lugar, segundo, tercero, paso 2, paso 3, paso 4, fase 2, fase 3, tras eso, tras ello, seguidamente, acto seguido, posteriormente, en cuanto, hecho eso,
    cuando el, cuando la, cuando los, cuando pase*, tras`,
  last:
    `finalmente, por último, al final, para terminar, para acabar, en último lugar, para concluir, por fin, cuando todo, termina con,
    para cerrar`,
  uses:
    `a partir de eso, a partir de ello, a partir de, a partir del, basándote, basándose, basado en, basada en, con base en, en base a, sobre la base, con esos, con esas, con ese, con esa, con estos, con estas, con este, con esta, con los datos, con los resultados, con el resultado, usa las, usa los, usa el, usa la, usando, utiliza*, según el plan, de acuerdo con, deriva*, deduce*,
    del paso, los resultados, el resultado, resultante*, obtenid*, ese plan, esa lista, siguiendo, apoyándote, de ahí,
    con lo que, con ellos, con ellas, con eso, con ello, con la lista, con ese resultado, úsal*, en consecuencia,
    en función de, lo que encuentres, lo que salga, lo encontrado`,
  takes: "con, de, del, según, sobre, contra, por, el, la, los, las, a, al, para, en",
  gather:
    `combina*, fusiona*, une, unifica*, junta*, consolida*, reún*, un solo informe, un solo, una sola, un único, una única, informe único, común, conjunto, conjunta, clasificación*, ranking, ordénal*, recomend*, compáral*, compararl*, comparación, comparativ*, tabla comparativa, elige el mejor, elige la mejor, el mejor, la mejor, cuál*, las compare, los compare, síntesis, sintetiza*, resumen global, informe final, conclusión*, todo en, global*, en conjunto,
    recomiénd*, recomiend*, aconsej*, aconséj*, veredicto, júntal*, reúnel*, en una sola, en un solo, con cuál`,
  weighty:
    `a fondo, en profundidad, exhaustiv*, detallad*, complet*, informe*, artículo*, dosier*, guía*, ensayo*, estudio*, páginas, capítulo*, tests, pruebas, suite, audita*, auditoría*, analiza*, análisis, investiga*, migra*, porta*, reescrib*, rehaz*, rehacer, repo*, rama*, prototipo*, manual*, contrato*, módulo*, servicio*, aplicación*, plugin*, corrige*, arregla*, bug*, causa*, documenta*, implementa*, desarrolla*, redacta*, revisa*, evalúa*, estudia*, capturas, paquetes, razonad*`,
  slight:
    `breve*, brevemente, corto*, corta*, una frase, una línea, una palabra, renombra*, cambia el nombre, errata*, mismo fichero, mismo archivo, un solo archivo, zona horaria, capital*, dime qué, rápid*, borra*, elimina los, elimina las, pon la, pequeñ*, imprime*, muestra*, versión de`,
  asks:
    `cómo, qué, por qué, cuál, cuáles, cuándo, dónde, quién, cuánto*, explica*, explícame, describe*, hay alguna, es posible, puedo, puedes explicar, se puede, debería, debo, diferencia entre, para qué, sabes, me explicas`,
  reads:
    `resume*, resumen de, traduc*, corrige este texto, reformula*, clasifica*, aquí está, aquí tienes, a continuación te, este correo, este mensaje, este ticket, este texto, siguiente, siguientes, responde a, extrae*, acorta*`,
  tells:
    "receta*, instrucciones, procedimiento*, lista de verificación, paso a paso, tutorial*, poema, cuento, discurso, protocolo*, manual de, pasos numerados, runbook*",
  demands:
    "criterio*, requisito*, condicion*, debe, deben, regla*, restriccion*, función, campos, columnas, sección*, esperado, reproducir, para que, comportamiento*, opciones, detalles, casos límite",
  works:
    `añade*, agrega*, analiza*, audita*, averigua*, carga*, construye*, convierte*, corrige*, crea*, desarrolla*, despliega*, diseña*, documenta*, entrena*, escribe*, estudia*, exporta*, genera*, haz, importa*, instala*, investiga*, limpia*, migra*, prepara*, prueba*, publica*, redacta*, reescribe*, revisa*, usa*, verifica*, vuelve*, propon*, implementa*, compara*, evalúa*, traduce*`
}
