"""Found in any language: by words and pieces of words, where the embedder cannot read; on LanceDB and MiniLM."""

from pathlib import Path

import pytest

from core.knowledge.access import AccessScope
from core.knowledge.embedding import Embedder
from core.knowledge.extraction import ExtractionLimits
from core.knowledge.hearing import HeardMessage, hear_message
from core.knowledge.indexing import Indexer
from core.knowledge.retrieval import Retrieval
from core.knowledge.stores.lancedb import LanceDBStore
from core.records.database import migrate, open_engine
from core.records.unit_of_work import Record
from core.records.workspaces import ChannelKind
from tests.journeys.paragraphs import PARAGRAPHS

PUBLIC = AccessScope("T1", frozenset({"public"}))
START = 1772352000

# Each language: what was said, and for each of it a question in other forms of its words.
SAID: dict[str, list[tuple[str, str]]] = {
    "el": [
        ("Η αποθήκη του Πειραιά ανοίγει κάθε μέρα στις επτά το πρωί.", "Πότε ανοίγουν οι αποθήκες στον Πειραιά;"),
        ("Τα τιμολόγια υπογράφονται από την οικονομική διευθύντρια.", "Ποιος υπογράφει ένα τιμολόγιο;"),
        ("Ο εκτυπωτής του τρίτου ορόφου χρειάζεται καινούργιο μελάνι.", "Τι χρειάζονται οι εκτυπωτές;"),
        ("Η άδεια ζητείται τρεις εβδομάδες νωρίτερα με ηλεκτρονική αίτηση.", "Πόσο νωρίς κάνω αίτηση για άδεια;"),
    ],
    "zh": [
        ("上海仓库每天早上七点开门，周日休息。", "上海的仓库几点开门？"),
        ("发票必须由财务总监签字以后才能付款。", "谁要在发票上签字？"),
        ("三楼的打印机需要更换墨盒。", "哪台打印机要换墨盒？"),
        ("年假要提前三个星期在系统里申请。", "年假提前多久申请？"),
    ],
    "ar": [
        ("يفتح المستودع في الإسكندرية كل يوم في الساعة السابعة صباحا.", "متى يفتح مستودع الإسكندرية؟"),
        ("توقع المديرة المالية على جميع الفواتير قبل الدفع.", "من يوقع على الفواتير؟"),
        ("تحتاج الطابعة في الطابق الثالث إلى حبر جديد.", "ماذا تحتاج الطابعات؟"),
        ("يجب طلب الإجازة قبل ثلاثة أسابيع من موعدها.", "متى يجب أن أطلب إجازة؟"),
    ],
    "hi": [
        ("मुंबई का गोदाम रोज़ सुबह सात बजे खुलता है।", "मुंबई के गोदाम कब खुलते हैं?"),
        ("चालान पर वित्त निदेशक के हस्ताक्षर ज़रूरी हैं।", "चालान पर किसके हस्ताक्षर चाहिए?"),
        ("तीसरी मंज़िल के प्रिंटर को नई स्याही चाहिए।", "किस प्रिंटर को स्याही चाहिए?"),
        ("छुट्टी का आवेदन तीन सप्ताह पहले करना होता है।", "छुट्टी के लिए आवेदन कब करें?"),
    ],
    "ru": [
        ("Склад в Казани открывается каждый день в семь утра.", "Когда открываются склады Казани?"),
        ("Счета подписывает финансовый директор.", "Кто подписывает счёт?"),
        ("Принтеру на третьем этаже нужны новые чернила.", "Что нужно принтерам третьего этажа?"),
        ("Заявление на отпуск подают за три недели.", "За сколько подавать заявления об отпуске?"),
    ],
    "th": [
        ("คลังสินค้าเชียงใหม่เปิดทุกวันเวลาเจ็ดโมงเช้า", "คลังสินค้าที่เชียงใหม่เปิดกี่โมง"),
        ("ใบแจ้งหนี้ต้องให้ผู้อำนวยการฝ่ายการเงินลงนาม", "ใครลงนามในใบแจ้งหนี้"),
        ("เครื่องพิมพ์ชั้นสามต้องเปลี่ยนหมึกใหม่", "เครื่องพิมพ์ไหนต้องเปลี่ยนหมึก"),
        ("การลาพักร้อนต้องขอล่วงหน้าสามสัปดาห์", "ขอลาพักร้อนล่วงหน้ากี่สัปดาห์"),
    ],
    "tr": [
        ("İzmir'deki depo her sabah saat yedide açılır.", "İzmir deposu ne zaman açılıyor?"),
        ("Faturaları mali işler müdürü imzalar.", "Faturayı kim imzalıyor?"),
        ("Üçüncü kattaki yazıcıya yeni mürekkep gerekiyor.", "Yazıcıların mürekkebi hangi katta bitti?"),
        ("İzin dilekçesi üç hafta önceden verilir.", "İzin için dilekçeyi ne kadar önce vermeliyim?"),
    ],
    "vi": [
        ("Kho hàng ở Đà Nẵng mở cửa lúc bảy giờ sáng mỗi ngày.", "Kho Đà Nẵng mở cửa lúc mấy giờ?"),
        ("Hóa đơn phải do giám đốc tài chính ký duyệt.", "Ai ký hóa đơn?"),
        ("Máy in ở tầng ba cần thay mực mới.", "Máy in nào cần mực?"),
        ("Đơn xin nghỉ phép phải nộp trước ba tuần.", "Xin nghỉ phép phải nộp đơn trước bao lâu?"),
    ],
    "ro": [
        ("Depozitul din Cluj se deschide zilnic la ora șapte.", "Când se deschid depozitele din Cluj?"),
        ("Facturile sunt semnate de directoarea financiară.", "Cine semnează factura?"),
        ("Imprimanta de la etajul trei are nevoie de cerneală.", "Ce le trebuie imprimantelor: cerneala?"),
        ("Cererea de concediu se depune cu trei săptămâni înainte.", "Când depun cererile de concediu?"),
    ],
    "ja": [
        ("大阪の倉庫は毎朝七時に開きます。", "大阪の倉庫は何時に開く？"),
        ("請求書には財務部長の署名が必要です。", "請求書に誰の署名がいる？"),
        ("三階のプリンターはインクの交換が必要です。", "インクを交換するプリンターはどれ？"),
        ("休暇は三週間前までに申請してください。", "休暇の申請はいつまで？"),
    ],
}
PAIRS = {
    f"{code}-{kind}-{at}": pair
    for kind, pairs in (("said", SAID), ("paragraph", PARAGRAPHS))
    for code, said in pairs.items()
    for at, pair in enumerate(said)
}


@pytest.fixture(scope="module")
def retrieval(tmp_path_factory: pytest.TempPathFactory, minilm: Embedder) -> Retrieval:
    """All languages in one index."""
    folder: Path = tmp_path_factory.mktemp("languages")
    url = f"sqlite:///{folder / 'record.db'}"
    migrate(url)
    record = Record(open_engine(url))
    store = LanceDBStore(folder / "passages", minilm.name, minilm.dimension)
    texts = [text for text, _ in PAIRS.values()]
    for number, text in enumerate(texts):
        ts = f"{START + 3600 * number}.000000"
        hear_message(record, HeardMessage("T1", "C1", ChannelKind.PUBLIC, ts, "", "U1", text, "", ts))
    indexer = Indexer(
        record,
        store,
        minilm,
        blobs_dir=folder,
        passage_tokens=128,
        window_pause_s=600,
        limits=ExtractionLimits(),
    )
    indexer.index_everything("here:1")
    return Retrieval(record, store, minilm)


@pytest.mark.parametrize(("text", "question"), PAIRS.values(), ids=PAIRS)
def test_what_answers_is_found_first(retrieval: Retrieval, text: str, question: str) -> None:
    assert retrieval.find(question, PUBLIC, 3)[0].quote in text
