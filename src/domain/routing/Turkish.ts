/**
 * Turkish.
 */
import type { Vocabulary } from "./Vocabulary.ts"

export const turkish: Vocabulary = {
  common:
    "ve, bir, bu, için, ile, de, da, ne, mi, mı, mu, çok, daha, gibi, olan, var, yok, ben, biz, bana, nasıl, neden, her, sonra, ama, lütfen, olarak, tablosunda, yaz, eden, en, veya",
  numbers:
    "iki, üç, dört, beş, altı, yedi, sekiz, dokuz, on, on bir, on iki, on üç, on dört, on beş, on altı, on yedi, on sekiz, on dokuz, yirmi",
  units:
    "kelime*, sayfa*, cümle*, paragraf*, satır*, dakika*, saat*, gün*, hafta*, ay, yıl*, kişi*, yüzde, gb, mb, ms, saniye*, kez, kere, adım*, karakter*, madde*",
  and: "ve, veya, ya da",
  joints: "için, ile, ve, veya, olan, her, sonra, gibi, göre, kadar",
  not: "değil, yok, olmadan, yerine, asla",
  each: "her, her biri, her bir, ayrı bir, tek tek, tümü için, hepsi için",
  apart:
    "bağımsız*, ayrı ayrı, ayrı, paralel, aynı anda, eş zamanlı, eşzamanlı, ilgisiz, alakasız, ilgisi yok, kendi, farklı ekip*, farklı müşteri*, farklı depo*, sıra önemli değil, yan yana",
  divide: "böl*, paylaştır*, dağıt*",
  serial: "sırayla, teker teker, birbiri ardına, bu sırayla, önceki adım*, her adım*, art arda",
  first: "önce, ilk olarak, öncelikle, ilk önce, başlangıçta, adım 1, birinci adım",
  next: "sonra, ardından, daha sonra, bundan sonra, bitince, ikinci olarak, adım 2, adım 3, adım 4, akabinde",
  last: "son olarak, en sonunda, sonunda, en son, nihayet",
  uses:
    `dayanarak, dayalı, göre, bunu kullanarak, kullanarak, sonuç*, buradan, bundan, bu plan*, bu liste*, elde edilen, temel alarak,
    bununla, onunla, bunlarla, verisiyle, veriyle, çıktısı*, buna göre, onlara göre`,
  takes: "ile, göre, için",
  gather:
    `birleştir*, bir araya, tek bir rapor, tek bir, tek rapor, ortak, sıralama*, öner*, tavsiye*, karşılaştır*, en iyi*, hangi*, özet rapor*, sonuç raporu, genel,
    karar*, tek tablo, toplu`,
  weighty:
    "ayrıntılı, detaylı, kapsamlı, derinlemesine, tam, rapor*, makale*, rehber*, kılavuz*, araştır*, incele*, analiz*, test*, taşı*, depo*, dal, prototip*, sözleşme*, modül*, servis*, uygulama*, eklenti*, hata*, düzelt*, belge*, geliştir*, sayfa, bölüm*",
  slight:
    "kısa, kısaca, bir cümle, tek cümle, tek satır, bir kelime, yeniden adlandır*, yazım hatası, aynı dosya, tek dosya, saat dilimi, başkent*, söyle, hızlı*, sil, ayarla, küçük, yazdır, göster",
  asks:
    "nasıl, ne, neden, niçin, ne zaman, nerede, kim, hangi*, kaç, açıkla*, anlat*, tarif et, var mı, mi, mı, arasındaki fark",
  reads:
    "özetle*, çevir*, düzelt bu metni, sınıflandır*, işte, aşağıda*, bu e-posta*, bu mesaj*, bu metn*, şu, yanıtla*, çıkar",
  tells: "tarif*, talimat*, kontrol listesi, adım adım, prosedür*, şiir*, hikaye*, konuşma metni, yönerge*",
  demands:
    "kriter*, gereksinim*, koşul*, şart*, olmalı, gerekir, kural*, fonksiyon*, alan*, sütun*, bölümü, beklenen, davranış*, seçenek*",
  works:
    "ekle, yaz, düzelt, kontrol et, oluştur, yap, kur, tasarla, hazırla, uygula, test et, çalıştır, dağıt, sil, değiştir, taşı, incele, analiz et, araştır, karşılaştır, çevir, yayınla, bul, belgele, güncelle"
}
